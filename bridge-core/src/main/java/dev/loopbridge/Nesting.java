package dev.loopbridge;

import java.util.ArrayList;
import java.util.List;

/** Splits the texts of nested types, such as those in {@code map<string,list<i64>>,bool}. */
final class Nesting {

  private Nesting() {}

  /** The parts between the separators that no bracket encloses; none of an empty text. */
  static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == separator && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      } else if ("<{[(".indexOf(c) >= 0) {
        depth++;
      } else if (">}])".indexOf(c) >= 0) {
        depth--;
      }
    }
    if (!text.isEmpty()) {
      parts.add(text.substring(start));
    }
    return parts;
  }
}
