package dev.loopbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

/** Results as one page of HTML that needs nothing else: no script, no network. */
final class Page {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --line: #d0d7de;
        --faint: #59636e; --bridge: #2f6fde; --hand-written: #d9730d; --java: #2a9d6f;
        --other: #8c959f; --good: #1a7f37; --bad: #cf222e; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117;
        --line: #30363d; --faint: #9198a1; --bridge: #5b9bff; --hand-written: #f0883e;
        --java: #4cc38a; --other: #768390; --good: #3fb950; --bad: #f85149; } }
      body { margin: 2em auto; max-width: 62em; padding: 0 1em; color: var(--ink);
        background: var(--paper); font: 15px/1.5 system-ui, sans-serif; }
      h2 { margin: 2em 0 0.5em; font-size: 1.2em; }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
      th, td { padding: 0.2em 0.7em; border-bottom: 1px solid var(--line); text-align: right;
        white-space: nowrap; }
      th { color: var(--faint); font-weight: normal; }
      th:first-child, td:first-child { padding-left: 0; text-align: left; }
      tr.met td:last-child, tr.stretch td:last-child { color: var(--good); }
      tr.missed td:last-child { color: var(--bad); font-weight: bold; }
      tr.not-measured td { color: var(--faint); }
      svg { display: block; width: 100%; height: auto; margin: 0.5em 0 1em; }
      svg text { fill: var(--ink); font-size: 13px; }
      svg .end { text-anchor: end; }
      svg .middle { fill: var(--faint); text-anchor: middle; }
      .tick { stroke: var(--line); }
      .whisker { fill: none; stroke: var(--ink); stroke-width: 1.5; }
      .bridge { fill: var(--bridge); color: var(--bridge); }
      .hand-written { fill: var(--hand-written); color: var(--hand-written); }
      .java { fill: var(--java); color: var(--java); }
      .other { fill: var(--other); color: var(--other); }
      """;

  private final Results results;
  private final StringBuilder html = new StringBuilder();

  Page(Results results) {
    this.results = results;
  }

  static void write(Results results, Path file) throws IOException {
    Files.writeString(file, new Page(results).html());
  }

  String html() {
    html.setLength(0);
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
        .append("<title>Loopbridge benchmark</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>Loopbridge benchmark</h1>\n");
    facts();
    List<Verdict> verdicts = Targets.judge(results);
    heading("Targets");
    grid(Grid.of(verdicts), line -> style(verdicts.get(line).outcome()));
    legend();
    for (Table table : results.tables()) {
      heading(table.title());
      html.append(new Chart(table).svg());
      grid(Grid.of(table), line -> "arm");
    }
    return html.append("</body>\n</html>\n").toString();
  }

  private void facts() {
    html.append("<table>\n");
    results
        .facts()
        .forEach(
            (name, fact) -> {
              html.append("<tr>");
              cell("td", name);
              cell("td", fact);
              html.append("</tr>\n");
            });
    html.append("</table>\n");
    for (String note : results.notes()) {
      html.append("<p>").append(escape(note)).append("</p>\n");
    }
  }

  private void heading(String text) {
    html.append("<h2>").append(escape(text)).append("</h2>\n");
  }

  private void legend() {
    html.append("<p>Bars are medians of the rounds, whiskers their quartiles. ")
        .append("A ratio says how many times better an arm was than the baseline. Arms:");
    for (Family family : Family.values()) {
      html.append(" <span class=\"").append(family.style()).append("\">■</span> ").append(family);
    }
    html.append("</p>\n");
  }

  private void grid(Grid grid, IntFunction<String> styles) {
    html.append("<div class=\"scroll\">\n<table>\n<tr>");
    grid.heading().forEach(text -> cell("th", text));
    html.append("</tr>\n");
    for (int line = 0; line < grid.rows().size(); line++) {
      html.append("<tr class=\"").append(styles.apply(line)).append("\">");
      grid.rows().get(line).forEach(text -> cell("td", text));
      html.append("</tr>\n");
    }
    html.append("</table>\n</div>\n");
  }

  private void cell(String element, String text) {
    html.append('<').append(element).append('>').append(escape(text));
    html.append("</").append(element).append('>');
  }

  private static String style(Verdict.Outcome outcome) {
    return switch (outcome) {
      case STRETCH -> "stretch";
      case MET -> "met";
      case MISSED -> "missed";
      case NOT_MEASURED -> "not-measured";
    };
  }

  /** Text as it may stand between tags and in attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
