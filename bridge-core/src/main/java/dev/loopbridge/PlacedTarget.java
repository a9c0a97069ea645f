package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import java.lang.StackWalker.StackFrame;
import java.security.CodeSource;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sets in each object of Rust's the place at which the call that made it was started. */
record PlacedTarget<R>(CallTarget<R> target, String place) implements CallTarget<R> {

  private static final StackWalker FRAMES =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private static final CodeSource BRIDGE = PlacedTarget.class.getProtectionDomain().getCodeSource();

  private static final int DEEPEST = 3;

  static <R> CallTarget<R> of(CallTarget<R> target) {
    return new PlacedTarget<>(target, FRAMES.walk(PlacedTarget::placeIn));
  }

  /** The innermost frames outside this module: the first may be an adapter's. */
  private static String placeIn(Stream<StackFrame> frames) {
    return frames
        .dropWhile(frame -> isBridge(frame.getDeclaringClass()))
        .limit(DEEPEST)
        .map(StackFrame::toString)
        .collect(Collectors.joining(" from "));
  }

  private static boolean isBridge(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return BRIDGE != null && BRIDGE.equals(source);
  }

  @Override
  public void value(@Nullable R value) {
    setPlace(value);
    target.value(value);
  }

  @Override
  public void error(Throwable error) {
    target.error(error);
  }

  @Override
  public void undelivered(@Nullable R value, Throwable error) {
    target.undelivered(value, error);
  }

  @Override
  public void lateValue(@Nullable R value) {
    setPlace(value);
    target.lateValue(value);
  }

  @Override
  public void lateError(Throwable error) {
    target.lateError(error);
  }

  private void setPlace(@Nullable R value) {
    if (value instanceof NativeRef reference) {
      reference.madeAt(place);
    } else {
      NativeObject object;
      try {
        object = NativeObject.in(value);
      } catch (RuntimeException e) {
        return; // a user's class; only a log lacks the place
      }
      if (object != null) {
        object.hold.madeAt(place);
      }
    }
  }
}
