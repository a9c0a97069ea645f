package dev.loopbridge.build;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The documentation of Rust, which is Markdown, as Javadoc. */
final class JavadocText {

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK = Pattern.compile("\\[(`?)([^\\]`]+)\\1\\](?:\\([^)]*\\))?");
  private static final Pattern ITEM = Pattern.compile("\\s*[*-] (.*)");
  private static final Pattern HEADING = Pattern.compile("#+ (.*)");

  private JavadocText() {}

  /** Writes a comment of these paragraphs and tags; none if both are empty. */
  static void write(JavaFile file, int depth, String markdown, List<String> tags) {
    List<String> lines = lines(markdown);
    if (!lines.isEmpty() && !tags.isEmpty()) {
      lines.add("");
    }
    lines.addAll(tags);
    lines.replaceAll(JavadocText::finished);
    if (lines.isEmpty()) {
      return;
    }
    if (lines.size() == 1 && depth * 2 + lines.get(0).length() + 7 <= JavaFile.WIDTH) {
      file.line(depth, "/** " + lines.get(0) + " */");
      return;
    }
    file.line(depth, "/**");
    for (String line : lines) {
      file.line(depth, line.isEmpty() ? " *" : " * " + line);
    }
    file.line(depth, " */");
  }

  /** Of a finished line, takes what would end the comment, or be a Unicode escape of Java's. */
  private static String finished(String line) {
    return line.replace("*/", "*&#47;").replace("\\u", "&#92;u");
  }

  /** A tag such as {@code @param name text}; the text in one line. */
  static String tag(String tag, String markdown) {
    return tag + " " + inline(markdown.replace('\n', ' ').strip());
  }

  private static List<String> lines(String markdown) {
    List<String> lines = new ArrayList<>();
    boolean code = false;
    boolean list = false;
    boolean paragraph = false;
    for (String original : markdown.strip().split("\n")) {
      String text = original.strip();
      if (text.startsWith("```")) {
        lines.add(code ? "</pre>" : "<pre>");
        code = !code;
      } else if (code) {
        lines.add(escaped(original));
      } else if (text.isEmpty()) {
        if (list) {
          lines.add("</ul>");
          list = false;
        }
        paragraph = !lines.isEmpty();
      } else if (ITEM.matcher(original).matches()) {
        if (!list) {
          lines.add("<ul>");
        }
        list = true;
        paragraph = false;
        lines.add("  <li>" + inline(ITEM.matcher(original).replaceFirst("$1")));
      } else {
        if (paragraph) {
          lines.add("");
        }
        Matcher heading = HEADING.matcher(text);
        String line = heading.matches() ? "<b>" + inline(heading.group(1)) + "</b>" : inline(text);
        lines.add((paragraph ? "<p>" : "") + line);
        paragraph = false;
      }
    }
    if (list) {
      lines.add("</ul>");
    }
    if (code) {
      lines.add("</pre>");
    }
    return markdown.isBlank() ? new ArrayList<>() : lines;
  }

  private static String inline(String markdown) {
    String linked = LINK.matcher(markdown).replaceAll("`$2`");
    StringBuilder text = new StringBuilder();
    int at = 0;
    var codes = CODE.matcher(linked);
    while (codes.find()) {
      text.append(escaped(linked.substring(at, codes.start())));
      String code = codes.group(1);
      boolean braces = code.contains("{") || code.contains("}"); // they might not be in pairs
      text.append(braces ? "<code>" + escaped(code) + "</code>" : "{@code " + code + "}");
      at = codes.end();
    }
    return text.append(escaped(linked.substring(at))).toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("{", "&#123;");
  }
}
