package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the READMEs show the figures that were recorded. */
class FiguresTest {

  private static final Path RECORDED = Path.of("figures.jsonl");

  @TempDir private Path directory;

  private Path file(String... lines) throws IOException {
    return Files.write(directory.resolve("figures.jsonl"), List.of(lines));
  }

  private static String line(String jdk, String name, double figure) {
    return new JsonObject()
        .put("facts", new JsonObject().put("JDK", jdk))
        .put("figures", new JsonObject().put(name, figure))
        .encode();
  }

  @Test
  void theReadmesShowWhatWasRecorded() throws IOException {
    Figures figures = Figures.of(RECORDED);
    assertThat(Files.readString(Path.of("README.md")))
        .contains(
            figures.targets(),
            figures.floors(),
            figures.byWallTime(),
            figures.onTheLoop(),
            figures.calls(),
            figures.otherProcess());
    assertThat(Files.readString(Path.of("../README.md"))).contains(figures.headlines());
    assertThat(figures.headlines().lines()).hasSize(2 + 5);
  }

  @Test
  void everyTargetWasMeasured() throws IOException {
    String targets = Figures.of(RECORDED).targets();
    assertThat(targets.lines()).hasSize(2 + Targets.ALL.size());
    assertThat(targets).doesNotContain("not measured");
  }

  @Test
  void everyRecordedFigureIsShown() throws IOException {
    List<String> names = Figures.all().stream().map(Target::name).toList();
    assertThat(names).doesNotHaveDuplicates();
    try (Stream<String> lines = Files.lines(RECORDED)) {
      assertThat(lines.flatMap(run -> new JsonObject(run).getJsonObject("figures").stream()))
          .extracting(Map.Entry::getKey)
          .isSubsetOf(names);
    }
  }

  @Test
  void theLastRunThatMeasuredAFigureCounts() throws IOException {
    String name = "4 096 in flight, CPU: raw against Java";
    Figures figures =
        Figures.of(
            file(
                line("25.0.3", name, 4),
                line("17.0.15+6-Debian", name, 2.5),
                line("17.0.16", name, 2),
                line("17.0.16", "memory per pending call", 745)));
    assertThat(figures.targets())
        .startsWith("| measure | target | JDK 17 | JDK 25 |\n|---|---|---|---|\n")
        .contains("| " + name + " | at least 3× | 2.00× (missed) | 4.00× |\n")
        .contains("| memory per pending call | at most 400 B | 745 B (missed) | not measured |\n");
  }

  @Test
  void aRunIsRecordedWithWhatItMeasured() throws IOException {
    Results results = new Results(Effort.TRIAL);
    results.add(
        new Table(
            "memory",
            "Memory",
            "bytes",
            true,
            Targets.BARE,
            List.of(new Table.Row(Targets.BARE, Map.of("bytes", new double[] {309})))));
    Path file = directory.resolve("recorded.jsonl");
    Figures.record(results, file);
    Figures.record(results, file);
    assertThat(Files.readAllLines(file)).hasSize(2);
    assertThat(Figures.of(file).floors())
        .startsWith("| floor | JDK " + Runtime.version().feature() + " |\n|---|---|\n")
        .contains("| memory of a pending task of bare Tokio | 309 B |\n");
  }
}
