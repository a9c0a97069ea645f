package dev.loopbridge;

/**
 * The callback under every adapter: no object is made for the call or its result. One instance may
 * serve many calls.
 */
@FunctionalInterface
public interface RawCallback {

  /**
   * The call settled. Runs on the owner loop, except when that loop is gone.
   *
   * @param ticket what {@link NativeCall#start(Port, RawCallback)} returned
   * @param result the outcome; valid until this method returns, on this thread: it throws {@link
   *     ClosedException} elsewhere
   */
  void settled(long ticket, NativeResult result);
}
