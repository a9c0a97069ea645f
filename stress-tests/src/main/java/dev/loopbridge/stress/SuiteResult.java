package dev.loopbridge.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The events of one run of a suite; filled by the thread that reads them. */
final class SuiteResult {

  private final String suite;
  private final Map<Invariant, Map<String, Long>> counts = new EnumMap<>(Invariant.class);
  private final Map<String, Boolean> controls = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Duration time = Duration.ZERO;
  private boolean outOfTime;

  SuiteResult(String suite) {
    this.suite = suite;
  }

  void ran(Invariant invariant, String what, long count) {
    counts.computeIfAbsent(invariant, key -> new LinkedHashMap<>()).merge(what, count, Long::sum);
  }

  void control(String name, boolean noticed) {
    controls.merge(name, noticed, Boolean::logicalAnd);
  }

  void add(Finding finding) {
    findings.add(finding);
  }

  void note(String text) {
    notes.add(text);
  }

  /** Returns whether the time limit ended the run, without a finding of the suite's own. */
  void outOfTime() {
    outOfTime = true;
  }

  boolean wasOutOfTime() {
    return outOfTime;
  }

  void took(Duration time) {
    this.time = time;
  }

  /** Adds the findings that follow from its counts and controls once the suite is done. */
  void judge(Map<Invariant, Long> least) {
    least.forEach(
        (invariant, count) -> {
          long done = count(invariant);
          if (done < count) {
            add(
                new Finding(
                    Finding.Kind.HARNESS,
                    invariant,
                    "ran %,d of at least %,d".formatted(done, count),
                    ""));
          }
        });
    controls.forEach(
        (name, noticed) -> {
          if (!noticed) {
            add(new Finding(Finding.Kind.HARNESS, null, "control not noticed: " + name, ""));
          }
        });
    if (controls.isEmpty()) {
      add(new Finding(Finding.Kind.HARNESS, null, "no positive control ran", ""));
    }
  }

  String suite() {
    return suite;
  }

  Duration time() {
    return time;
  }

  Map<Invariant, Map<String, Long>> counts() {
    return counts;
  }

  Map<String, Boolean> controls() {
    return controls;
  }

  List<Finding> findings() {
    return findings;
  }

  List<String> notes() {
    return notes;
  }

  long count(Invariant invariant) {
    return counts.getOrDefault(invariant, Map.of()).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  Stream<Finding> findings(Finding.Kind kind) {
    return findings.stream().filter(finding -> finding.kind() == kind);
  }
}
