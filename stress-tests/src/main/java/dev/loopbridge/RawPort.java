package dev.loopbridge;

import io.netty.buffer.ByteBuf;

/**
 * Opens the calls without a future to the suites and the benchmark: neither a start nor an outcome
 * makes an object. Owner loop only, but for {@link #of}.
 */
public final class RawPort {

  final Port port;

  private RawPort(Port port) {
    this.port = port;
  }

  /** The port that binds {@code loop} to the runtime, opened when first asked for. */
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

  /** Cancels a call, whose callback is not called any more; whether this ended it. */
  public boolean cancel(long ticket) {
    return port.cancel(ticket);
  }

  /** Gets outcomes; one instance may serve many calls. */
  @FunctionalInterface
  public interface Callback extends RawCallback {

    /**
     * A call settled.
     *
     * @param ticket the ticket that the start returned
     * @param outcome the outcome, which the static methods of {@link RawPort} read, until this
     *     method returns
     */
    void ended(long ticket, Object outcome);

    @Override
    default void settled(long ticket, NativeResult result) {
      ended(ticket, result);
    }
  }

  /** Whether the call succeeded. */
  public static boolean isValue(Object outcome) {
    return ((NativeResult) outcome).isValue();
  }

  /** Whether the call succeeded with {@code ()} or {@code None}. */
  public static boolean isNull(Object outcome) {
    return ((NativeResult) outcome).isNull();
  }

  /** The error of the call; null if it succeeded. */
  public static Throwable error(Object outcome) {
    return ((NativeResult) outcome).error();
  }

  public static long longValue(Object outcome) {
    return ((NativeResult) outcome).longValue();
  }

  public static byte[] bytesValue(Object outcome) {
    return ((NativeResult) outcome).bytesValue();
  }

  /** The caller owns and releases it. */
  public static ByteBuf bufferValue(Object outcome) {
    return ((NativeResult) outcome).bufferValue();
  }

  /** The caller owns and closes it. */
  public static NativeRef localValue(Object outcome) {
    return ValueReader.local((NativeResult) outcome);
  }
}
