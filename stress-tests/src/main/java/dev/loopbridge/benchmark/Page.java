package dev.loopbridge.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results as one page of HTML that needs nothing else: the page draws them by its own script. */
final class Page {

  private static final String PLACE = "/*results*/ null";

  private Page() {}

  static void write(Results results, Path file) throws IOException {
    try (InputStream template = Page.class.getResourceAsStream("index.html")) {
      String page = new String(template.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(file, page.replace(PLACE, literal(results)));
    }
  }

  /** As it may stand in a script: no text in it ends that. */
  private static String literal(Results results) {
    return results.json().encode().replace("<", "\\u003c");
  }
}
