package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guide shows code that is compiled, and run by {@link SigtermTest} and Spring's own test. */
class GuideTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void allThatItShowsIsCompiledCode() throws IOException {
    List<String> shown =
        JAVA.matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(block -> normal(block.group(1)))
            .toList();
    String compiled;
    try (Stream<Path> files = Stream.concat(sources("src/test"), sources("spring/src/main"))) {
      compiled = files.map(GuideTest::read).map(GuideTest::normal).collect(Collectors.joining());
    }
    assertThat(shown).hasSize(3).allMatch(compiled::contains);
  }

  private static Stream<Path> sources(String folder) throws IOException {
    return Files.walk(Path.of(folder)).filter(file -> file.toString().endsWith(".java"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String normal(String code) {
    return code.replaceAll("\\s+", " ").trim();
  }
}
