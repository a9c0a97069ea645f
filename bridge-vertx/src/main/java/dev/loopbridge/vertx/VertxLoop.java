package dev.loopbridge.vertx;

import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.EventExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The executor of a worker or virtual-thread context as an owner loop. It keeps the order of its
 * tasks but changes threads, and it outlives its context: the end of this loop is the end of the
 * context. There is one instance for each executor.
 *
 * <p>Vert.x does not keep a context's tasks one at a time everywhere: a virtual thread whose timed
 * {@code await} runs out goes on beside the task that took its place, and a queue that is shut down
 * starts its next task while the last is being interrupted. So the bridge's own tasks take turns
 * under a lock, which is free but in those cases, and on a virtual-thread context the user's tasks
 * do not count as tasks of this loop: what they start takes one turn of the queue.
 */
final class VertxLoop implements OwnerLoop {

  private static final Logger LOG = System.getLogger(VertxLoop.class.getName());

  /** The time for which a busy context may delay its close, in seconds. */
  private static final int BUSY_SECONDS = 2;

  private final ContextInternal context;
  private final EventExecutor executor;
  private final ContextCalls calls;
  private final boolean ownTasksOnly;
  private final Object turn = new Object();

  private volatile @Nullable Thread runner;
  private volatile boolean gone;

  /** The actions of the termination; null when they have run. Guarded by {@link #calls}. */
  private @Nullable List<Runnable> terminations = new ArrayList<>(1);

  VertxLoop(ContextInternal context, ContextCalls calls) {
    this.context = context;
    this.executor = context.executor();
    this.calls = calls;
    this.ownTasksOnly = context.threadingModel() == ThreadingModel.VIRTUAL_THREAD;
  }

  @Override
  public boolean inLoop() {
    return runner == Thread.currentThread() || (!ownTasksOnly && !gone && executor.inThread());
  }

  /** Also by a task of the user's, behind which the queue waits. */
  @Override
  public boolean isHeldByCaller() {
    return runner == Thread.currentThread() || (!gone && executor.inThread());
  }

  @Override
  public void execute(Runnable task) {
    if (gone) {
      throw new RejectedExecutionException(this + " takes no tasks, since its context was closed");
    }
    executor.execute(() -> run(task));
  }

  private void run(Runnable task) {
    synchronized (turn) {
      if (gone) {
        return;
      }
      runner = Thread.currentThread();
      try {
        task.run();
      } finally {
        runner = null;
      }
    }
  }

  @Override
  public Runnable onTermination(Runnable action) {
    synchronized (calls) {
      if (terminations != null && calls.bindLoop()) {
        terminations.add(action);
        return () -> withdraw(action);
      }
    }
    GlobalEventExecutor.INSTANCE.execute(action);
    return () -> {};
  }

  private void withdraw(Runnable action) {
    synchronized (calls) {
      if (terminations != null && terminations.remove(action) && terminations.isEmpty()) {
        calls.unbindLoop();
      }
    }
  }

  /**
   * Ends the loop, since the context is being closed: the loop runs its queued tasks, then runs the
   * actions of its termination as its last task, and {@code done} completes; sooner if a task does
   * not return.
   */
  void end(Promise<Void> done) {
    EventLoop eventLoop = context.nettyEventLoop();
    // An executor that is shut down drops the tasks that it has not begun. Its Vert.x is closed
    // then, and with it the event loop, whose end this follows.
    Runnable withdraw = NettyLoop.of(eventLoop).onTermination(() -> finish(done));
    Runnable last =
        () -> {
          withdraw.run();
          finish(done);
        };
    try {
      Future<?> patience = eventLoop.schedule(() -> giveUp(done), BUSY_SECONDS, TimeUnit.SECONDS);
      done.future().onComplete((none, error) -> patience.cancel(false));
      executor.execute(last);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "{0} was shut down before its context was closed", this);
      GlobalEventExecutor.INSTANCE.execute(last);
    }
  }

  private void finish(Promise<Void> done) {
    synchronized (turn) {
      terminate();
    }
    try {
      // Not on a thread of the context, which Vert.x interrupts when the close hooks are done.
      context.nettyEventLoop().execute(done::tryComplete);
    } catch (RejectedExecutionException e) {
      done.tryComplete();
    }
  }

  private void giveUp(Promise<Void> done) {
    if (done.tryComplete()) {
      LOG.log(
          Level.WARNING,
          "{0} was busy for {1} s while its context closed; its native calls settle when it is free",
          this,
          BUSY_SECONDS);
    }
  }

  private void terminate() {
    gone = true;
    List<Runnable> actions = List.of();
    synchronized (calls) {
      if (terminations != null) {
        actions = terminations;
        terminations = null;
      }
    }
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "what follows the end of " + this + " threw", e);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VertxLoop && ((VertxLoop) other).executor == executor;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(executor);
  }

  @Override
  public String toString() {
    String id = context.deploymentID();
    return "VertxLoop("
        + context.threadingModel()
        + (id == null ? "" : " of verticle " + id)
        + ", "
        + Integer.toHexString(System.identityHashCode(executor))
        + ")";
  }
}
