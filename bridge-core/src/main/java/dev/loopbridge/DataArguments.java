package dev.loopbridge;

import dev.loopbridge.spi.DataCodec;
import dev.loopbridge.spi.DataCodecs;
import org.jspecify.annotations.Nullable;

/** Encodes those arguments of a call that are data. Any thread. */
final class DataArguments {

  private DataArguments() {}

  /**
   * Puts the bytes of those arguments that are data in their places.
   *
   * @param codecs the codec of each argument, null of one that is no data
   */
  static void encode(
      Signature function, @Nullable DataCodec<?>[] codecs, @Nullable Object[] arguments) {
    for (int i = 0; i < Math.min(codecs.length, arguments.length); i++) {
      DataCodec<?> codec = codecs[i];
      if (codec != null) {
        arguments[i] = encoded(function, i, codec, arguments[i]);
      }
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // a nullable codec takes null
  private static <T> byte[] encoded(
      Signature function, int index, DataCodec<T> codec, @Nullable Object argument) {
    String refused;
    if (argument == null && !DataCodecs.isNullable(codec)) {
      refused = "it is null, which is for an Option alone";
    } else {
      try {
        return codec.encoded((T) argument);
      } catch (DataException e) {
        refused = e.getMessage();
      }
    }
    throw new DataException(
        "argument " + (index + 1) + " of " + function.name + ": " + refused + ": " + function);
  }
}
