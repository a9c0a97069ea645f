package dev.loopbridge;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

/** Calls as Netty {@link Promise}s, by {@link NativeCall#toPromise}. */
public final class Promises {

  private Promises() {}

  /** Owned by {@code executor}, which must run its tasks one after another. */
  public static <R> CallAdapter<R, Promise<R>> promise(EventExecutor executor) {
    return call -> call.toPromise(executor);
  }
}
