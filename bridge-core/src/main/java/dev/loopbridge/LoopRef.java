package dev.loopbridge;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An object that one event loop owns: the reference may go anywhere, the object is touched on its
 * loop alone. Rust holds it as a {@code JavaRef}, which it can keep, clone, send to any thread, and
 * give back.
 *
 * <pre>{@code
 * LoopRef<Channel> channel = LoopRef.of(NettyLoop.of(socket.eventLoop()), socket);
 * channel.get().write(message);                       // on its loop
 * channel.call(Channel::isWritable).thenAccept(...);  // from anywhere: hops to its loop
 * }</pre>
 *
 * @param <T> the object
 */
public final class LoopRef<T> extends Passed {

  private final OwnerLoop loop;
  private final T object;
  private final String madeAt;

  private LoopRef(OwnerLoop loop, T object, String madeAt) {
    this.loop = loop;
    this.object = object;
    this.madeAt = madeAt;
  }

  /** Pins {@code object} to {@code loop}. Any thread; from here on it is the loop's. */
  public static <T> LoopRef<T> of(OwnerLoop loop, T object) {
    Objects.requireNonNull(loop, "an owner loop is needed");
    Objects.requireNonNull(object, "an object is needed");
    Optional<StackWalker.StackFrame> caller =
        StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst());
    return new LoopRef<>(loop, object, caller.map(Object::toString).orElse("an unknown place"));
  }

  /**
   * The object. Owner loop only.
   *
   * @throws WrongLoopException elsewhere
   */
  public T get() {
    if (!loop.inLoop()) {
      throw new WrongLoopException(
          this
              + " was used on thread "
              + Thread.currentThread().getName()
              + "; use call(), which hops to the loop");
    }
    return object;
  }

  /**
   * Runs {@code use} on the loop: at once if the caller is there, else as a task of it. Any thread.
   *
   * @return what it returns, completed on the loop; fails with {@link OwnerGoneException} if the
   *     loop has ended. Waiting for it on an event loop throws {@link BlockingOnLoopException}.
   */
  public <R> CompletableFuture<R> call(Function<? super T, ? extends R> use) {
    Objects.requireNonNull(use, "a use is needed");
    Used<R> result = new Used<>(loop);
    if (loop.inLoop()) {
      use(use, result);
      return result;
    }
    // A loop may take a task and end before it runs it.
    Runnable withdraw = loop.onTermination(() -> result.completeExceptionally(ownerGone(null)));
    try {
      loop.execute(
          () -> {
            withdraw.run();
            use(use, result);
          });
    } catch (RejectedExecutionException e) {
      withdraw.run();
      result.completeExceptionally(ownerGone(e));
    } catch (RuntimeException | Error e) {
      withdraw.run();
      result.completeExceptionally(e);
    }
    return result;
  }

  private OwnerGoneException ownerGone(@Nullable RejectedExecutionException rejected) {
    OwnerGoneException gone =
        new OwnerGoneException(this + " cannot be used any more, since its loop has ended");
    gone.initCause(rejected);
    return gone;
  }

  private <R> void use(Function<? super T, ? extends R> use, CompletableFuture<R> result) {
    try {
      result.complete(use.apply(object));
    } catch (Throwable e) {
      result.completeExceptionally(e);
    }
  }

  /** The loop that owns the object. */
  public OwnerLoop loop() {
    return loop;
  }

  @Override
  int units() {
    return 1;
  }

  @Override
  long passTo(ObjectTable objects, ValueType type) {
    if (!loop.equals(objects.loop())) {
      throw new WrongLoopException(
          this
              + " was passed to a call that "
              + objects.loop()
              + " owns; start the call on the object's own loop");
    }
    return objects.pass(this, 1);
  }

  /** Names the object's class, its loop and where the reference was made. */
  @Override
  public String toString() {
    return "LoopRef(" + object.getClass().getName() + " of " + loop + ", made at " + madeAt + ")";
  }

  private static final class Used<R> extends LoopStage<R> {

    private final OwnerLoop loop;

    Used(OwnerLoop loop) {
      this.loop = loop;
    }

    @Override
    OwnerLoop loop() {
      return loop;
    }
  }
}
