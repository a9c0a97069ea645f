package dev.loopbridge.stress;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The file that keeps every run, each as a line of JSON. */
final class Ledger {

  private final Path file;

  Ledger(Path file) {
    this.file = file;
  }

  void append(Run run) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file, json(run).encode() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Returns all runs, the oldest first; none if there is no file. */
  List<Run> runs() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (var lines = Files.lines(file)) {
      return lines.map(line -> run(new JsonObject(line))).toList();
    }
  }

  static JsonObject json(Run run) {
    JsonObject facts = new JsonObject();
    run.facts().forEach(facts::put);
    JsonArray suites = new JsonArray();
    run.suites().forEach(suite -> suites.add(json(suite)));
    return new JsonObject()
        .put("facts", facts)
        .put("exitCode", run.exitCode())
        .put("suites", suites);
  }

  private static JsonObject json(SuiteResult suite) {
    JsonArray counts = new JsonArray();
    suite
        .counts()
        .forEach(
            (invariant, tried) ->
                tried.forEach(
                    (what, count) ->
                        counts.add(
                            new JsonObject()
                                .put("invariant", invariant.name())
                                .put("what", what)
                                .put("count", count))));
    JsonObject controls = new JsonObject();
    suite.controls().forEach(controls::put);
    JsonArray findings = new JsonArray();
    for (Finding finding : suite.findings()) {
      findings.add(
          new JsonObject()
              .put("kind", finding.kind().name())
              .put("invariant", finding.invariant() == null ? null : finding.invariant().name())
              .put("text", finding.text())
              .put("replay", finding.replay()));
    }
    return new JsonObject()
        .put("suite", suite.suite())
        .put("millis", suite.time().toMillis())
        .put("counts", counts)
        .put("controls", controls)
        .put("findings", findings)
        .put("notes", new JsonArray(suite.notes()));
  }

  private static Run run(JsonObject json) {
    Map<String, String> facts = new LinkedHashMap<>();
    json.getJsonObject("facts").forEach(fact -> facts.put(fact.getKey(), (String) fact.getValue()));
    return new Run(
        facts,
        json.getJsonArray("suites").stream().map(suite -> suite((JsonObject) suite)).toList());
  }

  private static SuiteResult suite(JsonObject json) {
    SuiteResult suite = new SuiteResult(json.getString("suite"));
    suite.took(Duration.ofMillis(json.getLong("millis")));
    for (Object each : json.getJsonArray("counts")) {
      JsonObject count = (JsonObject) each;
      suite.ran(
          Invariant.valueOf(count.getString("invariant")),
          count.getString("what"),
          count.getLong("count"));
    }
    json.getJsonObject("controls")
        .forEach(control -> suite.control(control.getKey(), (Boolean) control.getValue()));
    for (Object each : json.getJsonArray("findings")) {
      JsonObject finding = (JsonObject) each;
      String invariant = finding.getString("invariant");
      suite.add(
          new Finding(
              Finding.Kind.valueOf(finding.getString("kind")),
              invariant == null ? null : Invariant.valueOf(invariant),
              finding.getString("text"),
              finding.getString("replay")));
    }
    json.getJsonArray("notes").forEach(note -> suite.note((String) note));
    return suite;
  }
}
