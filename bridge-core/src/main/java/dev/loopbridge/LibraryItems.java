package dev.loopbridge;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The types that a library, or the classes generated from one, has: lines such as {@code record
 * Item{sku:string,quantity:u32}}, by the names of the types. Immutable.
 */
final class LibraryItems {

  static final LibraryItems NONE = new LibraryItems(List.of());

  // Names in Rust may have letters of all scripts.
  private static final Pattern LINE =
      Pattern.compile("(\\w+) (\\w+)(?:\\{(.*)\\})?", Pattern.UNICODE_CHARACTER_CLASS);

  /** A type in a line: {@code #Item}, {@code object<Shop>}, {@code !Error}. */
  private static final Pattern NAME =
      Pattern.compile("(?:#|object<|!)(\\w+)", Pattern.UNICODE_CHARACTER_CLASS);

  private final Map<String, String> lines = new LinkedHashMap<>();

  LibraryItems(List<String> lines) {
    for (String line : lines) {
      this.lines.put(match(line).group(2), line);
    }
  }

  private static Matcher match(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("unreadable item '" + line + "' of a native library");
    }
    return matcher;
  }

  /**
   * Returns what differs first among the types that a line of these names, directly or not; null if
   * none does.
   *
   * @param actual those of the library
   */
  @Nullable String difference(String from, LibraryItems actual, String library) {
    for (String name : reached(from)) {
      String line = lines.get(name);
      String other = actual.lines.get(name);
      if (line == null) {
        return "the classes do not have " + name;
      } else if (other == null) {
        return "library '"
            + library
            + "' has no "
            + line.substring(0, line.indexOf(name) - 1)
            + " "
            + name
            + ", which the classes have";
      } else if (!line.equals(other)) {
        return difference(name, match(line), match(other), library);
      }
    }
    return null;
  }

  private Set<String> reached(String from) {
    Set<String> reached = new LinkedHashSet<>();
    reach(from, reached);
    return reached;
  }

  private void reach(String line, Set<String> reached) {
    Matcher names = NAME.matcher(line);
    while (names.find()) {
      String next = lines.get(names.group(1));
      if (reached.add(names.group(1)) && next != null) {
        reach(next, reached);
      }
    }
  }

  private static String difference(String name, Matcher expected, Matcher actual, String library) {
    String kind = actual.group(1);
    if (!expected.group(1).equals(kind)) {
      return differs(name, kind, expected.group(1), library);
    }
    String part = kind.equals("record") ? "field " : "variant ";
    Map<String, String> inClasses = parts(expected.group(3), part);
    Map<String, String> inLibrary = parts(actual.group(3), part);
    Set<String> all = new LinkedHashSet<>(inLibrary.keySet());
    all.addAll(inClasses.keySet());
    for (String one : all) {
      String ours = inClasses.get(one);
      String theirs = inLibrary.get(one);
      if (!Objects.equals(ours, theirs)) {
        return differs(
            part + one + " of " + name,
            theirs == null ? "missing" : theirs,
            ours == null ? "missing" : ours,
            library);
      }
    }
    return "the order of "
        + (kind.equals("record") ? "fields" : "variants")
        + " of "
        + name
        + " is "
        + String.join(", ", inLibrary.keySet())
        + " in library '"
        + library
        + "', "
        + String.join(", ", inClasses.keySet())
        + " in the classes";
  }

  private static String differs(String what, String theirs, String ours, String library) {
    return what + " is " + theirs + " in library '" + library + "', " + ours + " in the classes";
  }

  /** The fields, by name with their types; or the variants, with what they have in braces. */
  private static Map<String, String> parts(@Nullable String text, String part) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String one : Nesting.split(text == null ? "" : text, ',')) {
      int end = one.indexOf(part.equals("field ") ? ':' : '{');
      String name = end < 0 ? one : one.substring(0, end);
      boolean plain = end < 0;
      parts.put(
          name, plain ? "a plain variant" : one.substring(part.equals("field ") ? end + 1 : end));
    }
    return parts;
  }
}
