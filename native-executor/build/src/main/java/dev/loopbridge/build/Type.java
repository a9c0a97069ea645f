package dev.loopbridge.build;

import java.util.ArrayList;
import java.util.List;

/** A type of a function or field, as the texts of the metadata have it. Immutable. */
sealed interface Type {

  /** {@code i64}, {@code string}, {@code unit}, {@code ref} and the like. */
  record Plain(String name) implements Type {}

  /** {@code #Order}: a record or enum of the library. */
  record Named(String name) implements Type {}

  /** {@code list<i64>}. */
  record ListOf(Type element) implements Type {}

  /** {@code map<string,i64>}. */
  record MapOf(Type key, Type value) implements Type {}

  /** {@code i64?}. */
  record Option(Type some) implements Type {}

  /** {@code {list<i64>}}: in a function, what crosses encoded. */
  record Data(Type type) implements Type {}

  /** {@code fn<i64;string>}. */
  record Handler(Type argument, Type answer) implements Type {}

  /** {@code [i64+string]}. */
  record Tuple(List<Type> parts) implements Type {}

  /** {@code object<Shop>}: an object of the library's. */
  record ObjectOf(String name) implements Type {}

  /** Parses the whole text. */
  static Type parse(String text) {
    Parser parser = new Parser(text);
    Type type = parser.type();
    if (parser.at < text.length()) {
      throw parser.unreadable();
    }
    return type;
  }

  /** Reads a text from its beginning. */
  final class Parser {

    /** More than what may cross: a value has a depth of 64. */
    private static final int MOST_DEPTH = 100;

    private final String text;
    private int at;
    private int depth;

    Parser(String text) {
      this.text = text;
    }

    private Type type() {
      if (++depth > MOST_DEPTH) {
        throw unreadable();
      }
      Type type = simple();
      depth--;
      return skip('?') ? new Option(type) : type;
    }

    private Type simple() {
      if (skip('#')) {
        return new Named(name());
      } else if (skip('{')) {
        return new Data(closed(type(), '}'));
      } else if (skip('[')) {
        List<Type> parts = new ArrayList<>(List.of(type()));
        while (skip('+')) {
          parts.add(type());
        }
        return closed(new Tuple(List.copyOf(parts)), ']');
      }
      String name = name();
      if (!skip('<')) {
        return new Plain(name);
      }
      return switch (name) {
        case "list" -> closed(new ListOf(type()), '>');
        case "map" -> closed(new MapOf(type(), behind(',')), '>');
        case "fn" -> closed(new Handler(type(), behind(';')), '>');
        case "object" -> closed(new ObjectOf(name()), '>');
        default -> throw unreadable();
      };
    }

    private Type behind(char separator) {
      if (!skip(separator)) {
        throw unreadable();
      }
      return type();
    }

    private Type closed(Type type, char bracket) {
      if (!skip(bracket)) {
        throw unreadable();
      }
      return type;
    }

    private boolean skip(char expected) {
      if (at < text.length() && text.charAt(at) == expected) {
        at++;
        return true;
      }
      return false;
    }

    private String name() {
      int start = at;
      while (at < text.length() && Character.isJavaIdentifierPart(text.codePointAt(at))) {
        at += Character.charCount(text.codePointAt(at));
      }
      if (at == start) {
        throw unreadable();
      }
      return text.substring(start, at);
    }

    private BuildException unreadable() {
      return new BuildException(
          "the type '"
              + text
              + "' in the library's metadata cannot be read at character "
              + (at + 1)
              + "; build the library and the classes with one version of Loopbridge");
    }
  }
}
