package dev.loopbridge;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** The texts of an exception as Rust gets them. Any exception has them, whatever its methods do. */
final class ErrorText {

  /**
   * The longest text that is sent, in chars. The limit on payloads does not hold for errors, so
   * that a small limit hides no error; this bound keeps them small.
   */
  private static final int LONGEST = 16_384;

  private ErrorText() {}

  static String message(Throwable error) {
    String message;
    try {
      message = error.getMessage();
    } catch (Throwable e) {
      message = "its message threw " + e.getClass().getName();
    }
    return message == null ? "" : sendable(message);
  }

  static String stack(Throwable error) {
    StringWriter stack = new StringWriter();
    try {
      error.printStackTrace(new PrintWriter(stack));
    } catch (Throwable e) {
      stack.write("its stack threw " + e.getClass().getName());
    }
    return sendable(stack.toString());
  }

  /** Returns the beginning of a text, with each unpaired surrogate replaced, as UTF-8 has none. */
  private static String sendable(String text) {
    String beginning = text.substring(0, Math.min(text.length(), LONGEST));
    return new String(beginning.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
