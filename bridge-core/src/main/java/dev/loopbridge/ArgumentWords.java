package dev.loopbridge;

/**
 * The arguments of a call as two words: those that the record of the call would have, if the call
 * has at most two arguments and all are of a fixed size ({@link Signature#localInWords}). So such a
 * call needs no record in memory. The bytes behind the arguments have no meaning.
 */
final class ArgumentWords {

  private ArgumentWords() {}

  static long first(Signature signature, Object[] arguments) {
    if (arguments.length == 0) {
      return 0;
    }
    long first = bits(arguments[0]);
    if (arguments.length == 1 || signature.secondArgumentBit == Long.SIZE) {
      return first;
    }
    long behind = bits(arguments[1]) << signature.secondArgumentBit;
    return first & ~(-1L << signature.secondArgumentBit) | behind;
  }

  static long second(Signature signature, Object[] arguments) {
    if (arguments.length < 2) {
      return 0;
    }
    long second = bits(arguments[1]);
    return signature.secondArgumentBit == Long.SIZE
        ? second
        : second >>> Long.SIZE - signature.secondArgumentBit;
  }

  /** The bits of an argument; those above its size have no meaning. */
  private static long bits(Object argument) {
    if (argument instanceof Long number) {
      return number;
    }
    if (argument instanceof Integer number) {
      return number;
    }
    if (argument instanceof Double number) {
      return Double.doubleToRawLongBits(number);
    }
    if (argument instanceof Float number) {
      return Float.floatToRawIntBits(number);
    }
    if (argument instanceof Short || argument instanceof Byte) {
      return ((Number) argument).longValue();
    }
    return (Boolean) argument ? 1 : 0;
  }
}
