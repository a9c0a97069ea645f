package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that all figures of a run are in its results. */
class ResultsTest {

  private static final String ODD_ARM = "a<b & \"c\" 'd'";
  private static final String NOTE = "web server: skipped, <wrk> is not installed";

  @TempDir private Path directory;

  private final Results results = new Results(Effort.QUICK);

  private static Table.Row row(String arm, double[] nanos, double[] bytes) {
    Map<String, double[]> metrics = new LinkedHashMap<>();
    metrics.put("ns", nanos);
    metrics.put("bytes", bytes);
    return new Table.Row(arm, metrics);
  }

  private static double[] rounds(double... values) {
    return values;
  }

  @BeforeEach
  void measure() {
    results.add(
        new Table(
            "trip-256",
            "Round trip, 256 in flight",
            "ns",
            true,
            RoundTrips.FUTURE,
            List.of(
                row(RoundTrips.RAW, rounds(500, 400, 600), rounds(0, 0, 0.2)),
                row(RoundTrips.FUTURE, rounds(1000, 1234, 1200), rounds(200, 200, 200)),
                row(RoundTrips.NAIVE, rounds(50000, 60000, 70000), rounds(300, 300, 300)),
                row(ODD_ARM, rounds(300, 300, 300), rounds(0.004, 0.004, Double.NaN)))));
    results.add(
        new Table(
            "memory",
            "Memory per pending call",
            "bytes",
            true,
            RoundTrips.RAW,
            List.of(new Table.Row(RoundTrips.RAW, Map.of("bytes", rounds(380))))));
    results.note(NOTE);
    results.discarded(2);
  }

  private JsonObject written() throws IOException {
    Path file = directory.resolve("results.json");
    results.write(file);
    return new JsonObject(Files.readString(file));
  }

  private String page() throws IOException {
    Path file = directory.resolve("index.html");
    Page.write(results, file);
    return Files.readString(file);
  }

  private String printed() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    results.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void findsItsTablesById() {
    assertThat(results.tables()).extracting(Table::id).containsExactly("trip-256", "memory");
    assertThat(results.table("memory")).isPresent();
    assertThat(results.table("idle")).isEmpty();
    Table again = results.table("memory").orElseThrow();
    assertThatThrownBy(() -> results.add(again)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void jsonHoldsEveryRoundAndItsSpread() throws IOException {
    JsonObject table = written().getJsonArray("tables").getJsonObject(0);
    assertThat(table.getString("id")).isEqualTo("trip-256");
    assertThat(table.getString("baseline")).isEqualTo(RoundTrips.FUTURE);
    assertThat(table.getBoolean("lessIsBetter")).isTrue();
    JsonObject raw = table.getJsonArray("rows").getJsonObject(0);
    assertThat(raw.getString("arm")).isEqualTo(RoundTrips.RAW);
    JsonObject nanos = raw.getJsonObject("metrics").getJsonObject("ns");
    assertThat(nanos.getJsonArray("rounds")).isEqualTo(JsonArray.of(500.0, 400.0, 600.0));
    assertThat(nanos.getDouble("median")).isEqualTo(500);
    assertThat(nanos.getDouble("firstQuartile")).isEqualTo(450);
    assertThat(nanos.getDouble("thirdQuartile")).isEqualTo(550);
    JsonObject ratio = raw.getJsonObject("ratio");
    assertThat(ratio.getDouble("median")).isEqualTo(2);
    assertThat(ratio.getDouble("greatest")).isEqualTo(1234.0 / 400);
  }

  @Test
  void jsonHasNullForWhatIsNoNumber() throws IOException {
    JsonObject odd =
        written().getJsonArray("tables").getJsonObject(0).getJsonArray("rows").getJsonObject(3);
    assertThat(odd.getString("arm")).isEqualTo(ODD_ARM);
    JsonArray rounds = odd.getJsonObject("metrics").getJsonObject("bytes").getJsonArray("rounds");
    assertThat(rounds.getDouble(1)).isEqualTo(0.004);
    assertThat(rounds.getValue(2)).isNull();
  }

  @Test
  void jsonHoldsFactsNotesAndVerdicts() throws IOException {
    JsonObject json = written();
    JsonObject facts = json.getJsonObject("facts");
    assertThat(facts.getString("JDK")).startsWith(System.getProperty("java.runtime.version"));
    assertThat(facts.getString("effort")).isEqualTo("quick");
    assertThat(facts.getString("rounds discarded")).isEqualTo("2");
    assertThat(facts.getString("date")).matches("\\d{4}-\\d\\d-\\d\\dT.*");
    assertThat(json.getJsonArray("notes")).containsExactly(NOTE);
    assertThat(json.getJsonArray("targets")).hasSize(Targets.ALL.size());
    JsonObject memory =
        json.getJsonArray("targets").stream()
            .map(JsonObject.class::cast)
            .filter(target -> target.getString("name").equals("memory per pending call"))
            .findFirst()
            .orElseThrow();
    assertThat(memory.getDouble("measured")).isEqualTo(380);
    assertThat(memory.getString("verdict")).isEqualTo("met");
  }

  @Test
  void printsAlignedColumnsInPlainLetters() {
    List<String> lines = printed().lines().toList();
    assertThat(lines)
        .contains(
            "Round trip, 256 in flight (trip-256)",
            "  arm                                   ns/op         quartiles     ratio"
                + "   in the rounds  bytes/op",
            "  bridge raw                              500        450 .. 550     2.00x"
                + "    2.00 .. 3.09         0",
            "  CompletableFuture on a ForkJoinPool   1 200    1 100 .. 1 217  baseline"
                + "                       200",
            NOTE)
        .anyMatch(line -> line.startsWith("  memory per pending call") && line.endsWith("met"));
    assertThat(printed()).isEqualTo(printed().replaceAll("[^\\x00-\\x7f]", "?"));
  }

  @Test
  void printsNoColumnForWhatATableDoesNotHave() {
    Grid grid = Grid.of(results.table("memory").orElseThrow());
    assertThat(grid.heading()).containsExactly("arm", "bytes/op", "quartiles");
    assertThat(grid.rows()).containsExactly(List.of(RoundTrips.RAW, "380", "380 .. 380"));
  }

  @Test
  void thePageHoldsTheResultsAndNoTextEndsItsScript() throws IOException {
    String script = page().split("const results = ", 2)[1];
    String literal = script.substring(0, script.indexOf(";\n"));
    assertThat(new JsonObject(literal)).isEqualTo(written());
    assertThat(literal).doesNotContain("<");
  }

  @Test
  void pageRefersToNothingOutsideItself() throws IOException {
    assertThat(page()).doesNotContain("http://", "https://", "src=", "href=", "url(", "@import");
  }

  @Test
  void figuresAreReadable() {
    assertThat(Metric.figure(1234567)).isEqualTo("1 234 567");
    assertThat(Metric.figure(999.5)).isEqualTo("1 000");
    assertThat(Metric.figure(56.78)).isEqualTo("56.8");
    assertThat(Metric.figure(1.004)).isEqualTo("1.00");
    assertThat(Metric.figure(1 / 256.0)).isEqualTo("0.004");
    assertThat(Metric.figure(0)).isEqualTo("0");
    assertThat(Metric.figure(Double.NaN)).isEqualTo("-");
    assertThat(Metric.round(100_000)).isEqualTo("100 000");
    assertThat(Metric.round(1.5)).isEqualTo("1.5");
  }
}
