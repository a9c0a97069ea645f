package dev.loopbridge.stress.hostile;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The requirements on a refusal: an exception of a documented class whose message has a reason, and
 * no address.
 */
final class Refusal {

  /** Three digits at least: the flags of one byte are no address. */
  private static final Pattern ADDRESS = Pattern.compile("0[xX][0-9a-fA-F]{3,}");

  private static final long LARGEST_PLAIN_NUMBER = 1L << 33;

  private Refusal() {}

  /**
   * Returns the fault in a reaction; null if there is none.
   *
   * @param thrown the exception that was thrown; null if the method returned
   * @param documented the exceptions of which one must be thrown; if empty, the method must return
   * @param given the handles that were passed, which the message must not contain
   */
  static String fault(Throwable thrown, Set<Class<?>> documented, long... given) {
    if (documented.isEmpty()) {
      return thrown == null ? null : "refused what is valid: " + thrown;
    }
    if (thrown == null) {
      return "accepted, expected " + names(documented);
    }
    if (!documented.contains(thrown.getClass())) {
      return "threw " + thrown + ", expected " + names(documented);
    }
    String message = thrown.getMessage();
    if (message == null || message.isBlank()) {
      return "threw " + thrown.getClass().getName() + " without a message";
    }
    if (ADDRESS.matcher(message).find()) {
      return "shows an address or a handle: " + message;
    }
    for (long value : given) {
      if (Math.abs(value) > LARGEST_PLAIN_NUMBER
          && (message.contains(Long.toString(value))
              || message.contains(Long.toHexString(value))
              || message.contains(Long.toUnsignedString(value)))) {
        return "shows the handle: " + message;
      }
    }
    return null;
  }

  private static String names(Set<Class<?>> classes) {
    return String.join(" or ", classes.stream().map(Class::getSimpleName).sorted().toList());
  }
}
