package dev.loopbridge.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results as one self-contained page of HTML: the page's own script draws them. */
final class Page {

  private static final String PLACE = "/*results*/ null";

  private Page() {}

  static void write(Results results, Path file) throws IOException {
    try (InputStream template = Page.class.getResourceAsStream("index.html")) {
      String page = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(file, page.replace(PLACE, literal(results)));
    }
  }

  /** Returns the JSON in a form in which no text in it can end the script. */
  private static String literal(Results results) {
    return results.json().encode().replace("<", "\\u003c");
  }
}
