package dev.loopbridge.benchmark;

import java.util.List;
import java.util.Locale;

/** What kind of thing an arm is; a page gives each its colour. */
enum Family {
  BRIDGE("the bridge"),
  HAND_WRITTEN("hand-written JNI"),
  JAVA("Java alone"),
  OTHER("others");

  private static final List<String> ALL_JAVA =
      List.of(
          RoundTrips.FUTURE,
          RoundTrips.EXECUTE,
          RoundTrips.BLOCKING,
          RoundTrips.REACTOR,
          RoundTrips.VIRTUAL,
          "Java");

  private final String words;

  Family(String words) {
    this.words = words;
  }

  /** By how the arm's name begins. */
  static Family of(String arm) {
    if (arm.startsWith("bridge") || arm.startsWith("native") || arm.equals(Targets.IDLE_PORT)) {
      return BRIDGE;
    }
    if (arm.startsWith(RoundTrips.NAIVE)) {
      return HAND_WRITTEN;
    }
    return ALL_JAVA.stream().anyMatch(arm::startsWith) ? JAVA : OTHER;
  }

  /** The name of its style. */
  String style() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return words;
  }
}
