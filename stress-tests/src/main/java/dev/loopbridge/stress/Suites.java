package dev.loopbridge.stress;

import dev.loopbridge.races.JcstressSuite;
import dev.loopbridge.stress.codec.CodecSuite;
import dev.loopbridge.stress.conformance.ConformanceSuite;
import dev.loopbridge.stress.faults.FaultsSuite;
import dev.loopbridge.stress.history.HistorySuite;
import dev.loopbridge.stress.hostile.HostileSuite;
import dev.loopbridge.stress.hygiene.HygieneSuite;
import dev.loopbridge.stress.process.ProcessSuite;
import dev.loopbridge.stress.rust.Matrix;
import dev.loopbridge.stress.rust.Models;
import dev.loopbridge.stress.rust.Sanitizers;
import dev.loopbridge.stress.rust.Schedules;
import dev.loopbridge.stress.storm.StormSuite;
import java.util.List;

/** The suites, in the order in which they run. */
final class Suites {

  private Suites() {}

  static List<Suite> all() {
    return List.of(
        new Models(),
        new Schedules(),
        new JcstressSuite(),
        new HistorySuite(),
        new StormSuite(),
        new HostileSuite(),
        new CodecSuite(),
        new FaultsSuite(),
        new ConformanceSuite(),
        new ProcessSuite(),
        new HygieneSuite(),
        new Sanitizers(),
        new Matrix());
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
