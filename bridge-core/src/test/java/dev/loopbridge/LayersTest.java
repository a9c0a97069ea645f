package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The floors of the house: which main classes may name which. A class names another if the name
 * stands in its source, outside comments, strings and imports, which may serve a comment alone.
 */
class LayersTest {

  private static final Path MAIN = Path.of("src/main/java/dev/loopbridge");

  private static final Pattern NOT_CODE =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\n]*|\"(?:\\\\.|[^\"\\\\\n])*\"|\\bimport [^;]*;", Pattern.DOTALL);

  private static final Pattern NAME = Pattern.compile("\\b[A-Z]\\w+");

  /** What reads and writes the memory that Rust shares, and calls Rust. */
  private static final List<String> WIRE =
      List.of(
          "Native",
          "NativeHalf",
          "RingMemory",
          "RecordLayout",
          "Cells",
          "SubmissionRing",
          "CompletionRing",
          "ValueWriter",
          "ArgumentWriter");

  /** What makes a port: its parts, and what they share. */
  private static final Set<String> PORT =
      Set.of(
          "Port",
          "PortState",
          "PortEnd",
          "Starter",
          "Admission",
          "Submitter",
          "DrainOffers",
          "Drain",
          "LoopSteps",
          "SlotTable",
          "PendingCalls",
          "LocalCalls",
          "Handlers",
          "Invocation",
          "Answers",
          "NativeResult");

  /** What stands above the port. */
  private static final Set<String> CALLS =
      Set.of(
          "NativeRuntime",
          "RuntimePorts",
          "RuntimeClose",
          "NativeFunction",
          "NativeCall",
          "StartedCall",
          "CallStage",
          "CallPromise",
          "CallAdapter",
          "CallHandle",
          "CallTarget",
          "JavaHandler",
          "HandlerAnswer",
          "HandlerBody",
          "HandlerInvocation",
          "PassedHandler",
          "ValueReader",
          "JavaTypes",
          "LoopRef");

  private final Map<String, Set<String>> named = named();

  private static Map<String, Set<String>> named() {
    Map<String, Path> files = new HashMap<>();
    try (Stream<Path> all = Files.walk(MAIN)) {
      all.filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> files.put(file.getFileName().toString().replace(".java", ""), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    files.remove("package-info");
    Map<String, Set<String>> named = new HashMap<>();
    files.forEach((name, file) -> named.put(name, namesIn(read(file))));
    named.forEach(
        (name, names) -> {
          names.retainAll(files.keySet());
          names.remove(name);
        });
    return named;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> namesIn(String source) {
    Matcher names = NAME.matcher(NOT_CODE.matcher(source).replaceAll(" "));
    return names
        .results()
        .map(match -> match.group())
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** All that a class names, and what these name, and so on. */
  private static Set<String> reached(String from, Map<String, Set<String>> named) {
    Set<String> reached = new TreeSet<>();
    List<String> next = List.copyOf(named.get(from));
    while (!next.isEmpty()) {
      next =
          next.stream()
              .filter(reached::add)
              .flatMap(name -> named.get(name).stream())
              .distinct()
              .toList();
    }
    return reached;
  }

  /** The steps {@code A -> B} of which B leads back to A through other classes. */
  private static Set<String> steps(Map<String, Set<String>> named) {
    Set<String> steps = new TreeSet<>();
    named.forEach(
        (name, next) -> {
          for (String other : next) {
            Map<String, Set<String>> indirect = new HashMap<>(named);
            Set<String> others = new HashSet<>(named.get(other));
            others.remove(name);
            indirect.put(other, others);
            if (reached(other, indirect).contains(name)) {
              steps.add(name + " -> " + other);
            }
          }
        });
    return steps;
  }

  @Test
  void noCycleHasMoreThanTwoClasses() {
    assertThat(steps(named)).isEmpty();
  }

  @Test
  void aCycleOfThreeIsFound() {
    Map<String, Set<String>> three =
        Map.of("A", Set.of("B"), "B", Set.of("A", "C"), "C", Set.of("A"), "D", Set.of("A"));
    assertThat(steps(three)).containsExactly("A -> B", "B -> C", "C -> A");
  }

  @Test
  void namesInCommentsStringsAndImportsDoNotCount() {
    String source =
        "import a.Far; /** See {@link Far}. */ class Near { Wide w = \"a \\\" Far\"; } // Far";
    assertThat(namesIn(source)).containsExactlyInAnyOrder("Near", "Wide");
  }

  @Test
  void thePortLeadsToNothingAboveIt() {
    assertThat(named.keySet()).containsAll(PORT).containsAll(CALLS);
    for (String part : PORT) {
      assertThat(reached(part, named)).as(part).doesNotContainAnyElementsOf(CALLS);
    }
  }

  @Test
  void theWireLeadsToNothingAboveIt() {
    assertThat(named.keySet()).containsAll(WIRE);
    for (String part : WIRE) {
      assertThat(reached(part, named))
          .as(part)
          .doesNotContainAnyElementsOf(PORT)
          .doesNotContainAnyElementsOf(CALLS);
    }
  }
}
