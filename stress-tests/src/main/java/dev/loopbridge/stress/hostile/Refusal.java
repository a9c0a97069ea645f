package dev.loopbridge.stress.hostile;

import java.util.Set;
import java.util.regex.Pattern;

/** What a refusal has to be: an exception of a documented class that says why, and no address. */
final class Refusal {

  /** Flags of a byte are no address. */
  private static final Pattern ADDRESS = Pattern.compile("0[xX][0-9a-fA-F]{3,}");

  private static final long LARGEST_PLAIN_NUMBER = 1L << 33;

  private Refusal() {}

  /**
   * What is wrong with how something was answered; null if nothing is.
   *
   * @param thrown null if it returned
   * @param documented one of these is to be thrown; if there are none, it is to return
   * @param given the handles that it was given, which must not be told again
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
      return "threw " + thrown.getClass().getName() + " without a word";
    }
    if (ADDRESS.matcher(message).find()) {
      return "tells an address or a handle: " + message;
    }
    for (long value : given) {
      if (Math.abs(value) > LARGEST_PLAIN_NUMBER
          && (message.contains(Long.toString(value))
              || message.contains(Long.toHexString(value))
              || message.contains(Long.toUnsignedString(value)))) {
        return "tells the handle: " + message;
      }
    }
    return null;
  }

  private static String names(Set<Class<?>> classes) {
    return String.join(" or ", classes.stream().map(Class::getSimpleName).sorted().toList());
  }
}
