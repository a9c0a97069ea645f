package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parts of the page that can be tested without a browser. */
class PageTest {

  private static final String PAGE = page();

  private static String page() {
    try (InputStream page = PageTest.class.getResourceAsStream("page.html")) {
      return new String(page.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The colours by their names, for the light and for the dark scheme. */
  private static List<Map<String, String>> schemes() {
    List<Map<String, String>> schemes = new ArrayList<>();
    Pattern colour = Pattern.compile("--([a-z-]+): (#[0-9a-f]{3,6})");
    Pattern.compile(":root \\{[^}]*}")
        .matcher(PAGE)
        .results()
        .forEach(
            root -> {
              Map<String, String> colours = new HashMap<>();
              colour
                  .matcher(root.group())
                  .results()
                  .forEach(c -> colours.put(c.group(1), c.group(2)));
              schemes.add(colours);
            });
    return schemes;
  }

  /** How well one colour is legible on the other: the contrast ratio of WCAG 2. */
  private static double contrast(String one, String other) {
    double a = luminance(one);
    double b = luminance(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private static double luminance(String colour) {
    String hex = colour.substring(1);
    String six = hex.length() == 3 ? hex.replaceAll("(.)", "$1$1") : hex;
    int rgb = Integer.parseInt(six, 16);
    return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
  }

  private static double linear(int channel) {
    double value = (channel & 0xFF) / 255.0;
    return value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  @ParameterizedTest
  @CsvSource({
    "line, paper, 3",
    "line, card, 3",
    "line, wash, 3",
    "accent, paper, 3",
    "accent, card, 3",
    "accent, track, 3",
    "ink, paper, 4.5",
    "ink, card, 4.5",
    "soft, paper, 4.5",
    "soft, card, 4.5",
    "soft, wash, 4.5",
    "bad, paper, 4.5",
    "bad, card, 4.5",
    "good, card, 4.5",
    "on-accent, accent, 4.5",
  })
  void everythingStandsOut(String on, String ground, double least) {
    assertThat(schemes())
        .hasSize(2)
        .allSatisfy(
            colours ->
                assertThat(contrast(colours.get(on), colours.get(ground)))
                    .as("%s on %s", on, ground)
                    .isGreaterThanOrEqualTo(least));
  }

  @Test
  void everyBorderOfSomethingToUseIsALine() {
    List<String> borders =
        Pattern.compile("border(?:-color)?: [^;]*var\\(--([a-z]+)\\)")
            .matcher(PAGE)
            .results()
            .map(border -> border.group(1))
            .distinct()
            .toList();
    assertThat(borders).contains("line").isSubsetOf("line", "accent", "bad");
  }

  @Test
  void offersEveryFormatAndLeavesTheChoiceToTheServer() {
    List<String> formats =
        Pattern.compile("name=\"format\" value=\"([a-z]+)\"( checked)?")
            .matcher(PAGE)
            .results()
            .map(MatchResult::group)
            .map(input -> input.replaceAll(".*value=\"([a-z]+)\"", "$1"))
            .toList();
    assertThat(formats).containsExactly("auto checked", "jpeg", "png", "webp");
  }

  @Test
  void onlyAFileThatBecameSmallerIsGood() {
    assertThat(PAGE)
        .contains(".smaller .status { color: var(--good); }")
        .doesNotContain(".done .status { color")
        .contains("classList.toggle('smaller', isSmaller)");
  }

  @Test
  void theFocusGoesOnWhereItsButtonIsHidden() {
    assertThat(PAGE).contains("focused.hidden", "find('.actions > :not([hidden])').focus()");
    assertThat(PAGE).contains("$('files').focus()");
  }

  @Test
  void everyControlHasAName() {
    Pattern control = Pattern.compile("<(?:input|button|progress|ul)\\b[^>]*>");
    List<String> nameless = new ArrayList<>();
    for (MatchResult found : control.matcher(PAGE).results().toList()) {
      String tag = found.group();
      String before = PAGE.substring(0, found.start());
      boolean isInLabel = before.lastIndexOf("<label") > before.lastIndexOf("</label>");
      Pattern labelFor =
          Pattern.compile("for=\"" + tag.replaceAll(".*id=\"([a-z]+)\".*", "$1") + "\"");
      String text = PAGE.substring(found.end()).replaceAll("(?s)<.*", "").strip();
      // the script labels it with the name of its file
      boolean isNamedByScript = tag.startsWith("<progress");
      if (!isInLabel
          && !labelFor.matcher(PAGE).find()
          && !tag.contains("aria-label")
          && !isNamedByScript
          && text.isEmpty()) {
        nameless.add(tag);
      }
    }
    assertThat(nameless).isEmpty();
    assertThat(PAGE).contains("find('progress').setAttribute('aria-label'");
  }
}
