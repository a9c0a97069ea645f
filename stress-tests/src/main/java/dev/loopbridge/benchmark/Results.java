package dev.loopbridge.benchmark;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The figures of a run and the facts of its machine. */
final class Results {

  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final long MILLI = 1_000_000;

  private final Map<String, String> facts = new LinkedHashMap<>();
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  Results(Effort effort) {
    facts.put("date", OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put(
        "JDK",
        System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vendor"));
    facts.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"));
    facts.put("CPUs", Runtime.getRuntime().availableProcessors() + ", " + model());
    facts.put("effort", effort.name());
    facts.put("rounds", effort.rounds() + " of " + effort.sliceNanos() / MILLI + " ms an arm");
    discarded(0);
  }

  private static String model() {
    if (!Files.isReadable(CPUS)) {
      return "unknown model";
    }
    try (var lines = Files.lines(CPUS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown model");
    } catch (IOException e) {
      return "unknown model";
    }
  }

  /** Adds the table of a comparison; throws if there is a table of that id. */
  void add(Table table) {
    if (tables.putIfAbsent(table.id(), table) != null) {
      throw new IllegalArgumentException("there is a table " + table.id() + " already");
    }
  }

  /** Adds a line for the reader, such as what was skipped and why. */
  void note(String line) {
    notes.add(line);
  }

  /** Notes how many rounds were thrown away. */
  void discarded(int rounds) {
    facts.put("rounds discarded", String.valueOf(rounds));
  }

  Map<String, String> facts() {
    return Collections.unmodifiableMap(facts);
  }

  List<Table> tables() {
    return List.copyOf(tables.values());
  }

  Optional<Table> table(String id) {
    return Optional.ofNullable(tables.get(id));
  }

  List<String> notes() {
    return Collections.unmodifiableList(notes);
  }

  /** Prints a table when it is complete. */
  static void print(Table table, PrintStream out) {
    out.println(table.title() + " (" + table.id() + ")");
    Grid.of(table).print(out);
    out.println();
  }

  /** Prints everything. */
  void print(PrintStream out) {
    facts.forEach((name, fact) -> out.println(name + ": " + fact));
    out.println();
    tables.values().forEach(table -> print(table, out));
    printTargets(out);
  }

  /** Prints the verdicts on the targets, and the notes. */
  void printTargets(PrintStream out) {
    out.println("Targets");
    Grid.of(Targets.judge(this)).print(out);
    out.println();
    notes.forEach(out::println);
  }

  void write(Path file) throws IOException {
    Files.writeString(file, json().encodePrettily() + "\n");
  }

  JsonObject json() {
    JsonObject json = new JsonObject();
    JsonObject named = new JsonObject();
    facts.forEach(named::put);
    JsonArray verdicts = new JsonArray();
    Targets.judge(this).forEach(verdict -> verdicts.add(json(verdict)));
    JsonArray measured = new JsonArray();
    tables.values().forEach(table -> measured.add(json(table)));
    return json.put("facts", named)
        .put("notes", new JsonArray(List.copyOf(notes)))
        .put("targets", verdicts)
        .put("tables", measured);
  }

  private static JsonObject json(Verdict verdict) {
    Target target = verdict.target();
    return new JsonObject()
        .put("name", target.name())
        .put("kind", target.kind().toString())
        .put("unit", target.unit().trim())
        .put("target", finite(target.target()))
        .put("stretch", finite(target.stretch()))
        .put("expected", finite(target.expected()))
        .put("measured", finite(verdict.measured()))
        .put("low", finite(verdict.low()))
        .put("high", finite(verdict.high()))
        .put("verdict", verdict.outcome().toString());
  }

  private static JsonObject json(Table table) {
    JsonArray rows = new JsonArray();
    for (Table.Row row : table.rows()) {
      JsonObject metrics = new JsonObject();
      row.metrics().forEach((name, values) -> metrics.put(name, spread(values)));
      JsonObject json = new JsonObject().put("arm", row.arm()).put("metrics", metrics);
      if (comparable(table, row.arm()) && comparable(table, table.baseline())) {
        json.put("ratio", spread(table.ratios(row.arm(), table.baseline(), table.metric())));
      }
      rows.add(json);
    }
    return new JsonObject()
        .put("id", table.id())
        .put("title", table.title())
        .put("metric", table.metric())
        .put("lessIsBetter", table.lessIsBetter())
        .put("baseline", table.baseline())
        .put("rows", rows);
  }

  private static boolean comparable(Table table, String arm) {
    return table.hasArm(arm) && table.row(arm).metrics().containsKey(table.metric());
  }

  private static JsonObject spread(double[] values) {
    JsonArray rounds = new JsonArray();
    for (double value : values) {
      rounds.add(finite(value));
    }
    return new JsonObject()
        .put("median", finite(Table.median(values)))
        .put("firstQuartile", finite(Table.quantile(values, 0.25)))
        .put("thirdQuartile", finite(Table.quantile(values, 0.75)))
        .put("least", finite(Table.quantile(values, 0)))
        .put("greatest", finite(Table.quantile(values, 1)))
        .put("rounds", rounds);
  }

  /** Returns the number, or null for a number that JSON does not have. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
