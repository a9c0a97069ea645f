package dev.loopbridge.benchmark;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The figures that the READMEs show, from a file with a line of JSON for each recorded run. For
 * each JDK the last run that measured a figure counts.
 */
final class Figures {

  /** The targets that the top README shows. */
  private static final List<String> HEADLINES =
      List.of(
          "256 in flight: Mono against Reactor's own",
          "1 in flight, lingering: raw against Java",
          "1 in flight, not lingering, p50: raw against Java",
          "read of a published peer, 256 in flight: bridge against OpenDAL",
          "requests of a trivial route: native against Java");

  /** The verdicts by the feature version of the JDK and the name of the target. */
  private final Map<Integer, Map<String, Double>> measured =
      new TreeMap<>(Comparator.naturalOrder());

  private Figures() {}

  /** Reads the file. */
  static Figures of(Path file) throws IOException {
    Figures figures = new Figures();
    try (Stream<String> lines = Files.lines(file)) {
      lines.map(JsonObject::new).forEach(figures::add);
    }
    return figures;
  }

  private void add(JsonObject run) {
    String jdk = run.getJsonObject("facts").getString("JDK");
    int version = Integer.parseInt(jdk.split("\\D", 2)[0]);
    Map<String, Double> figures = measured.computeIfAbsent(version, key -> new LinkedHashMap<>());
    JsonObject added = run.getJsonObject("figures");
    added.forEach(figure -> figures.put(figure.getKey(), added.getDouble(figure.getKey())));
  }

  /** Adds a run to the file. */
  static void record(Results results, Path file) throws IOException {
    JsonObject facts = new JsonObject();
    results.facts().forEach(facts::put);
    JsonObject figures = new JsonObject();
    for (Target target : all()) {
      Verdict verdict = target.judge(results);
      if (verdict.wasMeasured()) {
        figures.put(target.name(), verdict.measured());
      }
    }
    Files.writeString(
        file,
        new JsonObject().put("facts", facts).put("figures", figures).encode() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  static List<Target> all() {
    return Stream.of(
            Targets.ALL,
            Floors.ALL,
            Floors.BY_WALL_TIME,
            Floors.ON_THE_LOOP,
            Floors.CALLS,
            Floors.OTHER_PROCESS)
        .flatMap(List::stream)
        .toList();
  }

  /** Returns the tables as Markdown, one after the other. */
  String text() {
    return Stream.of(
            headlines(), targets(), floors(), byWallTime(), onTheLoop(), calls(), otherProcess())
        .filter(table -> !table.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  String headlines() {
    return table(
        "measure",
        HEADLINES.stream()
            .flatMap(name -> all().stream().filter(target -> target.name().equals(name)))
            .toList());
  }

  /** Returns the table of the targets with the measured figures. */
  String targets() {
    return table("measure | target", Targets.ALL);
  }

  /** Returns the table of the best values that some targets could have. */
  String floors() {
    return table("floor", Floors.ALL);
  }

  /** Returns the table of the ratios of wall time. */
  String byWallTime() {
    return table("by wall time", Floors.BY_WALL_TIME);
  }

  /** Returns the table of calls and of the CPU loop. */
  String calls() {
    return table("calls", Floors.CALLS);
  }

  /** Returns the table of the same work in another process. */
  String otherProcess() {
    return table("in another process", Floors.OTHER_PROCESS);
  }

  String onTheLoop() {
    return table("on the loop", Floors.ON_THE_LOOP);
  }

  /** Returns a table of what was recorded; empty if that is nothing. */
  private String table(String heading, List<Target> targets) {
    boolean judged = heading.contains("|");
    List<String> lines = new ArrayList<>();
    lines.add(
        measured.keySet().stream()
            .map(jdk -> " JDK " + jdk + " |")
            .collect(Collectors.joining("", "| " + heading + " |", "")));
    lines.add("|" + "---|".repeat(measured.size() + (judged ? 2 : 1)));
    for (Target target : targets) {
      String name = target.name();
      if (measured.values().stream().noneMatch(figures -> figures.containsKey(name))) {
        continue; // no recorded run has measured it
      }
      String bound = judged ? " " + target.kind() + " " + target.show(target.target()) + " |" : "";
      lines.add(
          measured.values().stream()
              .map(figures -> " " + show(target, figures.get(name), judged) + " |")
              .collect(Collectors.joining("", "| " + name + " |" + bound, "")));
    }
    return lines.size() == 2 ? "" : String.join("\n", lines) + "\n";
  }

  private static String show(Target target, Double figure, boolean judged) {
    if (figure == null) {
      return "not measured";
    }
    boolean missed = judged && !target.reaches(figure, target.target());
    return Metric.figure(figure) + target.unit() + (missed ? " (missed)" : "");
  }
}
