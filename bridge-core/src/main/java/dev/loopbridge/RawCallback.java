package dev.loopbridge;

/**
 * A callback for which no object is made, neither for the call nor for its result: the tests and
 * the benchmark use it. One instance may serve many calls.
 */
@FunctionalInterface
interface RawCallback {

  /**
   * The call settled. Runs on the owner loop, except when that loop is gone.
   *
   * @param ticket what {@link NativeCall#start(Port, RawCallback)} returned
   * @param result the outcome; valid until this method returns, on this thread
   */
  void settled(long ticket, NativeResult result);
}
