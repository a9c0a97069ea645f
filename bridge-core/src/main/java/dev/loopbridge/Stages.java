package dev.loopbridge;

import java.util.concurrent.CompletableFuture;

/**
 * Calls as {@link java.util.concurrent.CompletionStage}s. They start at once and complete on the
 * owner loop.
 *
 * <p>Whoever ends the future first, by {@code cancel}, {@code complete} or a timeout such as {@code
 * orTimeout}, thereby drops the Rust future; as always with a {@link CompletableFuture}, dependents
 * then run on the thread that ended it.
 *
 * <p>Waiting for it, or for a stage derived from it, on an event loop throws {@link
 * BlockingOnLoopException}. That holds for all stages made by its own methods, and for no future
 * that the JDK makes elsewhere: {@code CompletableFuture.allOf(it).join()}, {@code anyOf}, or
 * {@code other.thenCompose(x -> it).join()} wait, and on the loop that is to settle it for ever.
 * Compose such a future too; a loop that has stood still for 5 seconds while results wait is
 * logged, with its stack.
 *
 * <pre>{@code
 * add.call(1L, 2L).as(Stages.stage(NettyLoop.of(channel.eventLoop()))).thenAccept(sum -> channel.write(sum));
 * }</pre>
 */
public final class Stages {

  private Stages() {}

  /** Owned by the loop the caller is on, or else by the runtime's default loop. */
  public static <R> CallAdapter<R, CompletableFuture<R>> stage() {
    return call -> stage(call, call.runtime().currentLoop());
  }

  /** Owned by {@code loop}. */
  public static <R> CallAdapter<R, CompletableFuture<R>> stage(OwnerLoop loop) {
    return call -> stage(call, loop);
  }

  private static <R> CompletableFuture<R> stage(NativeCall<R> call, OwnerLoop loop) {
    CallStage<R> stage = new CallStage<>();
    stage.start(call, loop);
    return stage;
  }
}
