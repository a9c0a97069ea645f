package dev.loopbridge;

import io.netty.buffer.ByteBuf;

/**
 * Opens the calls without a future to the suites and the benchmark: neither a start nor an outcome
 * makes an object. All methods but {@link #of} are for the owner loop only.
 */
public final class RawPort {

  final Port port;

  private RawPort(Port port) {
    this.port = port;
  }

  /** Returns the port that binds {@code loop} to the runtime; the first call opens it. */
  public static RawPort of(NativeRuntime runtime, OwnerLoop loop) {
    return new RawPort(runtime.on(loop));
  }

  /**
   * Starts a call.
   *
   * @return the ticket by which {@link #cancel} ends it
   * @throws LoopbridgeException if the call cannot be accepted
   */
  public long start(NativeCall<?> call, Callback callback) {
    return call.start(port, callback);
  }

  /**
   * Cancels a call, whose callback is then not called; returns whether the cancel ended the call.
   */
  public boolean cancel(long ticket) {
    return port.cancel(ticket);
  }

  /** A callback that gets outcomes; one instance may serve many calls. */
  @FunctionalInterface
  public interface Callback extends RawCallback {

    /**
     * Gets the outcome of a call that settled.
     *
     * @param ticket the ticket that the start returned
     * @param outcome the outcome; the static methods of {@link RawPort} can read it until this
     *     method returns
     */
    void ended(long ticket, Object outcome);

    @Override
    default void settled(long ticket, NativeResult result) {
      ended(ticket, result);
    }
  }

  /** Returns whether the call succeeded. */
  public static boolean isValue(Object outcome) {
    return ((NativeResult) outcome).isValue();
  }

  /** Returns whether the call succeeded with {@code ()} or {@code None}. */
  public static boolean isNull(Object outcome) {
    return ((NativeResult) outcome).isNull();
  }

  /** Returns the error of the call; null if it succeeded. */
  public static Throwable error(Object outcome) {
    return ((NativeResult) outcome).error();
  }

  public static long longValue(Object outcome) {
    return ((NativeResult) outcome).longValue();
  }

  public static byte[] bytesValue(Object outcome) {
    return ((NativeResult) outcome).bytesValue();
  }

  /** Returns the value's buffer, which the caller owns and releases. */
  public static ByteBuf bufferValue(Object outcome) {
    return ((NativeResult) outcome).bufferValue();
  }

  /** Returns the value's reference, which the caller owns and closes. */
  public static NativeRef localValue(Object outcome) {
    return ValueReader.local((NativeResult) outcome);
  }
}
