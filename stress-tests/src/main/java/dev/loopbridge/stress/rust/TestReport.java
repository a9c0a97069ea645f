package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the output of Rust tests line by line: the model, scenario or matrix that runs, its
 * invariants, and its result. Failures, controls and incomplete models are reported as soon as a
 * test binary has ended.
 *
 * <pre>
 * model NAME [I1 I2]: begins
 * model NAME [I1 I2]: 1948 permutations, complete (preemption bound 3)
 * scenario NAME [I1 I2]: failed in schedule 17
 * control NAME: noticed
 * </pre>
 */
final class TestReport {

  private static final Pattern PART =
      Pattern.compile("\\b(?:model|scenario|matrix) ([^\\[]+) \\[(I[0-9I ]+)]: (.*)");
  private static final Pattern COUNT = Pattern.compile("^(\\d+) \\w+");
  private static final Pattern CONTROL = Pattern.compile("\\bcontrol (.+): (noticed|missed)$");
  private static final Pattern BINARY =
      Pattern.compile("^ *Running (?:unittests )?\\S*?(\\w+)\\.rs");

  private static final Pattern TEST = Pattern.compile("^---- (\\S+) stdout ----$");

  /** A schedule that fits into the name of a replay. */
  private static final int LONGEST_NAME = 1_000;

  private final Trial trial;
  private final Map<Invariant, Long> counts = new EnumMap<>(Invariant.class);
  private final Map<Invariant, Integer> parts = new EnumMap<>(Invariant.class);
  private final Set<String> complete = new HashSet<>();
  private final Map<String, Part> open = new LinkedHashMap<>();
  private final Map<String, Boolean> controls = new LinkedHashMap<>();
  private final List<String> panics = new ArrayList<>();
  private String binary = "";
  private String test = "";
  private String current = "";
  private StringBuilder schedule;
  private boolean failed;

  /** One model, scenario or matrix that began and has not ended well so far. */
  private static final class Part {

    final List<Invariant> invariants;

    /** The name of the failed test in shuttle's output. */
    String test = "";

    String end = "the process ended in its midst";
    String schedule = "";

    Part(List<Invariant> invariants) {
      this.invariants = invariants;
    }
  }

  TestReport(Trial trial) {
    this.trial = trial;
  }

  /** Returns how many models, scenarios and matrices ran to their end. */
  int complete() {
    return complete.size();
  }

  /** Returns whether any of them failed or was not complete. */
  boolean failed() {
    return failed;
  }

  /** Reports for each invariant so many {@code unit} of so many {@code of}. */
  void reportCounts(String unit, String of) {
    counts.forEach(
        (invariant, count) ->
            trial.ran(invariant, unit + " of " + parts.get(invariant) + " " + of, count));
  }

  void line(String line) {
    Matcher started = BINARY.matcher(line);
    Matcher part = PART.matcher(line);
    Matcher control = CONTROL.matcher(line);
    Matcher section = TEST.matcher(line);
    if (started.find()) {
      ended();
      binary = started.group(1);
    } else if (section.find()) {
      test = section.group(1);
    } else if (schedule != null) {
      schedule(line);
    } else if (line.startsWith("failing schedule:")) {
      schedule = new StringBuilder();
    } else if (part.find()) {
      part(part.group(1), part.group(2), part.group(3));
    } else if (control.find()) {
      controls.put(control.group(1), control.group(2).equals("noticed"));
    } else if (line.contains(" panicked at ") || !panics.isEmpty() && panics.size() < 4) {
      panics.add(line);
    }
  }

  /** Reports the parts of a test binary whose last line was read. */
  void ended() {
    controls.forEach(trial::control);
    controls.clear();
    open.forEach(this::report);
    open.clear();
    panics.clear();
  }

  private void report(String name, Part part) {
    failed = true;
    String text = binary + ", " + name + ": " + part.end;
    if (part.end.startsWith("incomplete")) {
      trial.incomplete(text);
      return;
    }
    String scene = binary;
    if (!part.schedule.isEmpty() && part.schedule.length() <= LONGEST_NAME) {
      scene += "/" + part.test + "/" + part.schedule;
    } else if (!part.schedule.isEmpty()) {
      text += "\nSHUTTLE_SCHEDULE=" + part.schedule;
    }
    trial.violated(part.invariants.get(0), text + "\n" + String.join("\n", panics), scene);
  }

  private void part(String name, String promises, String end) {
    current = name;
    List<Invariant> invariants = new ArrayList<>();
    for (String promise : promises.split(" ")) {
      invariants.add(Invariant.valueOf(promise));
    }
    Matcher count = COUNT.matcher(end);
    if (count.find()) {
      open.remove(name);
      if (complete.add(binary + name)) {
        for (Invariant invariant : invariants) {
          counts.merge(invariant, Long.parseLong(count.group(1)), Long::sum);
          parts.merge(invariant, 1, Integer::sum);
        }
      }
      return;
    }
    Part part = open.computeIfAbsent(name, key -> new Part(invariants));
    if (!end.equals("begins")) {
      part.end = end;
    }
  }

  private void schedule(String line) {
    if (!line.equals("\"")) {
      schedule.append(line);
    } else if (!schedule.isEmpty()) {
      if (open.containsKey(current)) {
        open.get(current).schedule = schedule.toString();
        open.get(current).test = test;
      }
      schedule = null;
    }
  }
}
