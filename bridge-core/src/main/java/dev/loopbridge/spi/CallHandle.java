package dev.loopbridge.spi;

import dev.loopbridge.NativeCall;
import dev.loopbridge.OwnerLoop;

/**
 * One started call, as {@link NativeCall#start} returns it. All methods may be called on any
 * thread. The bridge alone implements it.
 *
 * <pre>{@code
 * CallHandle handle = call.start(loop, target);
 * onCancel(handle::cancel);
 * }</pre>
 */
public interface CallHandle {

  /**
   * Cancels the call: the Rust future is dropped within one poll, and the target gets a late value
   * or error at most ({@link CallTarget#lateValue}). Never waits.
   *
   * @return whether this ended the call; false if it had settled or was cancelled before
   */
  boolean cancel();

  /** Returns whether the call has settled or was cancelled. */
  boolean isSettled();

  /** Returns the loop that owns the call. */
  OwnerLoop loop();
}
