package dev.loopbridge.stress;

import dev.loopbridge.stress.jcstress.JcstressSuite;
import dev.loopbridge.stress.lincheck.LincheckSuite;
import java.util.List;

/** The suites, in the order in which they run. */
final class Suites {

  private Suites() {}

  static List<Suite> all() {
    return List.of(new JcstressSuite(), new LincheckSuite());
  }

  static Suite named(String name) {
    return all().stream()
        .filter(suite -> suite.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no suite "
                        + name
                        + ", only "
                        + String.join(", ", all().stream().map(Suite::name).toList())));
  }
}
