package dev.loopbridge;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.OrderedEventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import org.jspecify.annotations.Nullable;

/**
 * A Netty event loop, or any other ordered {@link EventExecutor}, as an owner loop.
 *
 * <pre>{@code
 * call.toFuture(NettyLoop.of(channel.eventLoop()))
 * }</pre>
 */
public final class NettyLoop implements OwnerLoop {

  private final EventExecutor executor;

  private NettyLoop(EventExecutor executor) {
    this.executor = executor;
  }

  /**
   * The owner loop that stands for {@code executor}.
   *
   * @throws IllegalArgumentException if the executor does not run its tasks one after another
   */
  public static NettyLoop of(EventExecutor executor) {
    if (!(executor instanceof OrderedEventExecutor)) {
      throw new IllegalArgumentException(
          "an owner loop runs its tasks one after another, but "
              + executor
              + " is no OrderedEventExecutor; pass one event loop, such as channel.eventLoop()");
    }
    return new NettyLoop(executor);
  }

  /** The Netty loop whose task the caller is, or null. */
  public static @Nullable NettyLoop current() {
    EventExecutor executor = ThreadExecutorMap.currentExecutor();
    return executor instanceof OrderedEventExecutor ? new NettyLoop(executor) : null;
  }

  /** Returns whether it is a Netty loop that has run its last task. */
  static boolean hasEnded(OwnerLoop loop) {
    return loop instanceof NettyLoop && ((NettyLoop) loop).executor.isTerminated();
  }

  /** The executor this loop stands for. */
  public EventExecutor executor() {
    return executor;
  }

  @Override
  public boolean inLoop() {
    return executor.inEventLoop();
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public boolean hasOneThread() {
    return executor instanceof SingleThreadEventExecutor;
  }

  @Override
  public Runnable onTermination(Runnable action) {
    Future<?> termination = executor.terminationFuture();
    FutureListener<Object> listener =
        terminated -> {
          // A loop that a task ended by throwing fails its future. So does, at once, one that
          // cannot end, such as GlobalEventExecutor.
          if (terminated.isSuccess() || executor.isTerminated()) {
            action.run();
          }
        };
    termination.addListener(listener);
    return () -> termination.removeListener(listener);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NettyLoop && ((NettyLoop) other).executor == executor;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(executor);
  }

  @Override
  public String toString() {
    return "NettyLoop(" + executor + ")";
  }
}
