package dev.loopbridge.build;

import dev.loopbridge.build.Item.EnumItem;
import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Item.ObjectItem;
import dev.loopbridge.build.Item.RecordItem;
import dev.loopbridge.build.Item.Variant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the text of one item: its line, then a line for each documentation, and for a function one
 * with the names of its parameters.
 */
final class ItemParser {

  private static final String DOC = "doc ";
  private static final String PARAMETERS = "params ";

  private ItemParser() {}

  static Item parse(String text) {
    String[] lines = text.split("\n", -1);
    Map<String, String> docs = new LinkedHashMap<>();
    List<String> parameters = List.of();
    for (String line : lines) {
      if (line.startsWith(DOC)) {
        int tab = line.indexOf('\t');
        int end = tab < 0 ? line.length() : tab;
        docs.put(
            line.substring(DOC.length(), end),
            unescaped(line.substring(Math.min(end + 1, line.length()))));
      } else if (line.startsWith(PARAMETERS)) {
        parameters = split(line.substring(PARAMETERS.length()), ',');
      }
    }
    try {
      return item(lines[0], docs, parameters);
    } catch (IndexOutOfBoundsException e) {
      throw unreadable(lines[0]);
    }
  }

  private static Item item(String line, Map<String, String> docs, List<String> parameters) {
    int space = line.indexOf(' ');
    String kind = line.substring(0, Math.max(space, 0));
    String rest = line.substring(space + 1);
    int brace = rest.indexOf('{');
    String name = brace < 0 ? rest : rest.substring(0, brace);
    if (name.isEmpty()) {
      throw unreadable(line);
    }
    return switch (kind) {
      case "record" -> new RecordItem(name, line, docs, fields(inside(rest, brace)));
      case "enum" -> new EnumItem(name, line, docs, false, variants(inside(rest, brace)));
      case "error" -> new EnumItem(name, line, docs, true, variants(inside(rest, brace)));
      case "object" -> new ObjectItem(name, line, docs);
      default -> function(line, rest, docs, parameters);
    };
  }

  private static Item function(
      String line, String rest, Map<String, String> docs, List<String> names) {
    int open = rest.indexOf('(');
    int close = rest.indexOf(")->");
    if (open < 0 || close < open) {
      throw unreadable(line);
    }
    List<String> types = split(rest.substring(open + 1, close), ',');
    int receiver = types.size() - names.size();
    List<Field> parameters = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      String name =
          i >= receiver
              ? names.get(i - receiver)
              : receiver == 1 && rest.lastIndexOf('.', open) > 0 ? Item.SELF : "argument" + i;
      parameters.add(new Field(name, Type.parse(types.get(i))));
    }
    String result = rest.substring(close + 3);
    int mark = result.indexOf('!');
    @Nullable String error = mark < 0 ? null : result.substring(mark + 1);
    Type type = Type.parse(mark < 0 ? result : result.substring(0, mark));
    return new FunctionItem(
        rest.substring(0, open), line, docs, List.copyOf(parameters), type, error);
  }

  /** What stands between a brace, if there is one, and the end, which is the other one. */
  private static String inside(String text, int brace) {
    if (brace < 0) {
      return "";
    }
    if (!text.endsWith("}")) {
      throw new IndexOutOfBoundsException("no closing brace");
    }
    return text.substring(brace + 1, text.length() - 1);
  }

  private static BuildException unreadable(String line) {
    return new BuildException(
        "the item '"
            + line
            + "' in the library's metadata cannot be read; build the library and the classes with"
            + " one version of Loopbridge");
  }

  private static List<Field> fields(String text) {
    return split(text, ',').stream()
        .map(
            field -> {
              int colon = field.indexOf(':');
              return new Field(field.substring(0, colon), Type.parse(field.substring(colon + 1)));
            })
        .toList();
  }

  private static List<Variant> variants(String text) {
    return split(text, ',').stream()
        .map(
            variant -> {
              int brace = variant.indexOf('{');
              String name = brace < 0 ? variant : variant.substring(0, brace);
              return new Variant(name, fields(inside(variant, brace)));
            })
        .toList();
  }

  /** The parts between separators that no bracket encloses; none of an empty text. */
  private static List<String> split(String text, char separator) {
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

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        plain.append(next == 'n' ? '\n' : next == 't' ? '\t' : next);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
