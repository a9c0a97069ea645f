package dev.loopbridge;

import java.util.concurrent.CompletableFuture;

/** Calls as {@link CompletableFuture}s, by {@link NativeCall#toFuture}. */
public final class Stages {

  private Stages() {}

  /** Owned by the loop the caller is on, or else by the runtime's default loop. */
  public static <R> CallAdapter<R, CompletableFuture<R>> stage() {
    return NativeCall::toFuture;
  }

  /** Owned by {@code loop}. */
  public static <R> CallAdapter<R, CompletableFuture<R>> stage(OwnerLoop loop) {
    return call -> call.toFuture(loop);
  }
}
