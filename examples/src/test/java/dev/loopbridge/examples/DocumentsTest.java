package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The README and the guide show code that is compiled, commands that the build has and links with
 * targets. {@link ReadmeTest}, {@link GuideExamplesTest}, {@link SigtermTest} and Spring's own test
 * run the code.
 */
class DocumentsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String README = "README.md";
  private static final String GUIDE = "examples/README.md";
  private static final int MOST_LINES = 160;

  private static final Pattern BLOCK =
      Pattern.compile("^```(.*)\n((?s).*?)^```$", Pattern.MULTILINE);
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

  private static String read(Path file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  /** The contents of a document's blocks in a language. */
  private static List<String> blocks(String document, String language) throws IOException {
    return BLOCK
        .matcher(read(Path.of(document)))
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> normal(block.group(2)))
        .toList();
  }

  private static String normal(String code) {
    return code.replaceAll("\\s+", " ").trim();
  }

  /** The sources with an ending, in folders of this module. */
  private static String sources(String ending, String... folders) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String folder : folders) {
      for (Path file : files(Path.of(folder), ending)) {
        text.append(normal(Files.readString(file))).append('\n');
      }
    }
    return text.toString();
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            return Set.of("target", ".git").contains(at.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(ending)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  private static String property(String pom, String name) throws IOException {
    String text = read(Path.of(pom));
    return text.substring(
        text.indexOf("<" + name + ">") + name.length() + 2, text.indexOf("</" + name + ">"));
  }

  @ParameterizedTest
  @ValueSource(strings = {README, GUIDE})
  void codeIsCompiled(String document) throws IOException {
    String java = sources(".java", "src", "spring/src", "orders/src");
    String rust = sources(".rs", "native/guide/src", "orders/native/src");
    assertThat(blocks(document, "java")).isNotEmpty().allMatch(java::contains);
    assertThat(blocks(document, "rust")).isNotEmpty().allMatch(rust::contains);
    assertThat(BLOCK.matcher(read(Path.of(document))).results())
        .extracting(block -> block.group(1))
        .isSubsetOf("java", "rust", "sh", "xml", "toml", "text");
  }

  @ParameterizedTest
  @ValueSource(strings = {README, GUIDE, "stress-tests/README.md"})
  void commandsNameWhatTheBuildHas(String document) throws IOException {
    String pom = read(Path.of("pom.xml"));
    for (String command : blocks(document, "sh")) {
      assertThat(command).matches("(mvn|java|curl) .*");
      Pattern.compile(" -P(\\S+)")
          .matcher(command)
          .results()
          .forEach(profile -> assertThat(pom).contains("<id>" + profile.group(1) + "</id>"));
      Pattern.compile(" -pl (\\S+)")
          .matcher(command)
          .results()
          .flatMap(modules -> Stream.of(modules.group(1).split(",")))
          .forEach(module -> assertThat(pom).contains("<module>" + module + "</module>"));
    }
  }

  @Test
  void dependenciesAreOnesThatTheBuildMakes() throws IOException {
    String dependency = blocks(README, "xml").get(0);
    String group = property("pom.xml", "groupId");
    String version = property("pom.xml", "version");
    assertThat(dependency)
        .contains("<groupId>" + group + "</groupId>", "<version>" + version + "</version>");
    for (String artifact : List.of("bridge-core", "bridge-reactor", "bridge-vertx")) {
      assertThat(dependency).contains(artifact);
      assertThat(ROOT.resolve(artifact)).isDirectory();
    }
    assertThat(read(Path.of(README)))
        .contains("`loopbridge = { path = \"loopbridge/native-executor/crates/executor\" }`");
  }

  /** The goal {@code new} writes the plugin as the guide shows it. */
  @Test
  void thePluginIsThatOfANewProject() throws IOException {
    String template =
        "native-executor/build/src/main/resources/dev/loopbridge/build/project/pom.xml";
    String pom =
        read(Path.of(template))
            .replace("@PACKAGE@", "shop.orders")
            .replace("@VERSION@", property("pom.xml", "version"));
    assertThat(normal(pom)).contains(blocks(GUIDE, "xml"));
    assertThat(String.join(" ", blocks(GUIDE, "sh")))
        .contains("loopbridge-maven-plugin:" + property("pom.xml", "version") + ":new");
  }

  @Test
  void versionsAreThoseOfTheBuild() throws IOException {
    assertThat(read(Path.of(README)))
        .contains(
            property("pom.xml", "maven.compiler.release") + " or newer",
            property("pom.xml", "rust.minimum") + " or newer",
            property("pom.xml", "netty.version"),
            property("examples/spring/pom.xml", "netty.version"),
            property("pom.xml", "reactor-bom.version"),
            property("examples/spring/pom.xml", "reactor-bom.version"),
            property("pom.xml", "vertx.version"));
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<Path> documents = files(ROOT, ".md");
    assertThat(documents).hasSizeGreaterThanOrEqualTo(7);
    List<String> broken = new ArrayList<>();
    for (Path document : documents) {
      for (MatchResult link : LINK.matcher(Files.readString(document)).results().toList()) {
        if (!link.group(1).contains("://") && !leads(document, link.group(1), link.group(2))) {
          broken.add(ROOT.relativize(document) + ": " + link.group());
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leads(Path document, String path, String anchor) throws IOException {
    Path target = path.isEmpty() ? document : document.resolveSibling(path).normalize();
    return Files.exists(target)
        && (anchor == null || anchors(Files.readString(target)).contains(anchor));
  }

  /** The anchors of a document's headings. */
  private static Set<String> anchors(String document) {
    return HEADING
        .matcher(document)
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void theReadmeIsShort() throws IOException {
    assertThat(read(Path.of(README)).lines()).hasSizeLessThanOrEqualTo(MOST_LINES);
  }

  @Test
  void theLicenceIsTheSameEverywhere() throws IOException {
    List<Path> licences = files(ROOT, "LICENSE");
    assertThat(licences.stream().map(file -> ROOT.relativize(file).getParent().toString()))
        .containsExactlyInAnyOrder(
            "bridge-core",
            "bridge-reactor",
            "bridge-vertx",
            "native-executor",
            "native-executor/build",
            "native-executor/maven-plugin",
            "native-executor/crates/executor",
            "native-executor/crates/macros",
            "native-executor/crates/protocol");
    for (Path licence : licences) {
      assertThat(licence).hasSameTextualContentAs(licences.get(0));
    }
    assertThat(read(Path.of("bridge-core/LICENSE"))).contains("Apache License", "Version 2.0");
  }
}
