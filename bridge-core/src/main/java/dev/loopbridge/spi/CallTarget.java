package dev.loopbridge.spi;

import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeObject;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRef;
import dev.loopbridge.OwnerGoneException;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Where a started call settles: what an adapter implements. Exactly one of {@link #value} and
 * {@link #error} is called, once, on the owner loop; neither after {@link CallHandle#cancel}
 * returned true. Only where the JVM itself fails meanwhile, {@link #undelivered} follows.
 *
 * <p>If the owner loop is gone, {@code error} gets an {@link OwnerGoneException} on the thread that
 * noticed.
 *
 * @param <R> the result of the call
 */
public interface CallTarget<R> {

  /**
   * The call succeeded.
   *
   * @param value the result, owned by the receiver; null for {@code ()} and {@code None}
   */
  void value(@Nullable R value);

  /**
   * The call failed: {@link NativeException}, {@link NativePanicError}, a {@link
   * LoopbridgeException}, or {@link java.util.concurrent.CancellationException} when Rust itself
   * gave the call up.
   */
  void error(Throwable error);

  /**
   * A delivery failed in the JVM: {@link #value} or {@link #error} ended with a {@link
   * VirtualMachineError}, such as for want of stack or memory, or with a {@link LinkageError}, so
   * that the result may have been missed. Called in a turn of the owner loop of its own, and again
   * in later ones while it throws {@link OutOfMemoryError}. After it, nothing may still wait for
   * the call.
   *
   * <p>Any other exception of the target's own code is logged, and the delivery is not repeated.
   *
   * @param value what {@link #value} was called with, to be released if it was not taken; else null
   * @param error the error of the delivery that failed, or what kept the value from being delivered
   */
  default void undelivered(@Nullable R value, Throwable error) {
    error(error);
  }

  /**
   * A value came after the call was cancelled. A target that overrides this method owns the value;
   * by default it is released, or closed.
   */
  default void lateValue(@Nullable R value) {
    release(value);
  }

  /** Releases or closes a result that is not taken. */
  static void release(@Nullable Object value) {
    if (value instanceof NativeRef reference) {
      reference.close();
    } else if (value instanceof NativeObject object) {
      object.close();
    } else if (value instanceof TypedObject typed) {
      typed.close();
    } else {
      ReferenceCountUtil.release(value);
    }
  }

  /** An error came after the call was cancelled; by default it is dropped. */
  default void lateError(Throwable error) {}

  /**
   * The body of a handler passed with the call, as it is to run for this call: where an adapter
   * gives it a context of its own. Asked for when the call is started, on the thread that starts
   * it, once for each handler; must not throw.
   */
  default <A, B> HandlerBody<A, B> handlerBody(HandlerBody<A, B> body) {
    return body;
  }
}
