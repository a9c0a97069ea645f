package dev.loopbridge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A library's description of one of its functions: {@code async add(i64,i64)->i64}, with {@code
 * !Error} at its end if the error of its results has a type of its own.
 */
final class Signature {

  final int id;
  final String name;
  final List<ValueType> arguments;
  final ValueType result;

  /** The kinds of the arguments if all are of a size that depends on nothing else; else null. */
  final ValueType.Kind @Nullable [] fixedKinds;

  /** The bytes that these take. */
  final int fixedLength;

  /** The first word of the record of a call whose arguments are all of a fixed size. */
  final long fixedHead;

  /** Whether the calls are driven by their owner loop. */
  final boolean local;

  /** Whether the calls are driven by their owner loop, and {@link ArgumentWords} apply. */
  final boolean localInWords;

  /** The place of the second argument in the first word; 64 if it is the second word. */
  final int secondArgumentBit;

  /** Whether the result is an object of Rust's, which remembers where it was made. */
  final boolean returnsObject;

  /** Whether a handler may be among the arguments. */
  final boolean passesHandlers;

  private final String text;

  private Signature(int id, String name, List<ValueType> arguments, ValueType result, String text) {
    this.id = id;
    this.name = name;
    this.arguments = arguments;
    this.result = result;
    this.text = text;
    this.local = text.startsWith("local ");
    boolean fixed = arguments.stream().allMatch(type -> type.fixedLength() > 0);
    this.fixedKinds =
        fixed ? arguments.stream().map(type -> type.kind).toArray(ValueType.Kind[]::new) : null;
    this.returnsObject =
        result.kind == ValueType.Kind.LOCAL || result.kind == ValueType.Kind.OBJECT;
    this.passesHandlers = arguments.stream().anyMatch(type -> type.kind == ValueType.Kind.HANDLER);
    this.fixedLength = arguments.stream().mapToInt(ValueType::fixedLength).sum();
    this.fixedHead = RecordLayout.halves(RecordLayout.CALL | fixedLength << 16, id);
    this.secondArgumentBit = arguments.isEmpty() ? 0 : arguments.get(0).fixedLength() * Byte.SIZE;
    this.localInWords = local && fixed && arguments.size() <= 2;
  }

  /** Parses line {@code id} of a library's description. */
  static Signature parse(int id, String line) {
    int space = line.indexOf(' ');
    int open = line.indexOf('(', space);
    int close = line.indexOf(")->", open);
    if (space < 0 || open < 0 || close < 0) {
      throw new IllegalArgumentException("unreadable native signature '" + line + "'");
    }
    List<String> arguments = Nesting.split(line.substring(open + 1, close), ',');
    String result = line.substring(close + 3);
    int error = result.indexOf('!');
    return new Signature(
        id,
        line.substring(space + 1, open),
        arguments.stream().map(ValueType::parse).toList(),
        ValueType.parse(error < 0 ? result : result.substring(0, error)),
        line);
  }

  /** Makes the signature of a handler's argument, which is read like the result of a call. */
  static Signature ofArgument(ValueType argument, String handler) {
    return new Signature(-1, handler, List.of(), argument, handler);
  }

  @Override
  public String toString() {
    return text;
  }
}
