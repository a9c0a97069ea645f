package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import org.jspecify.annotations.Nullable;

/**
 * Takes what surrounds a caller, such as a logging context in thread locals, to where the calls
 * that it starts come back: around the settling of a call, and so around what depends on its future
 * there, and around the body and the cancellation of each {@link JavaHandler} passed with it. Set
 * it by {@link NativeRuntime.Builder#context}.
 *
 * <p>Captured once for each start, on the thread that starts; restored on the thread that runs the
 * callback, once for each, and closed there before that thread does anything else. A carrier that
 * throws is logged, and the call goes on without context. What a user's own cancel or completion of
 * a future runs has that user's context.
 *
 * <pre>{@code
 * ContextCarrier user = target -> {
 *   String name = USER.get();
 *   return name == null ? null : () -> {
 *     String before = USER.get();
 *     USER.set(name);
 *     return () -> USER.set(before);
 *   };
 * };
 * }</pre>
 */
@FunctionalInterface
public interface ContextCarrier {

  /**
   * Takes what surrounds the caller.
   *
   * @param target what the call will settle, which may know a context of its own; null where there
   *     is none, as for {@link NativeRuntime#carrying}
   * @return null if there is nothing to carry, which costs the call nothing more
   */
  @Nullable Snapshot capture(@Nullable CallTarget<?> target);

  /**
   * The context that was captured. May be restored on any thread, any number of times, also at
   * once.
   */
  @FunctionalInterface
  interface Snapshot {

    /** Puts it in place of what surrounds this thread. */
    Scope restore();
  }

  /** While it is open, what was taken is in place. */
  @FunctionalInterface
  interface Scope extends AutoCloseable {

    /** Puts back what was there before. On the thread that restored it, once. */
    @Override
    void close();
  }
}
