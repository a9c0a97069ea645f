package dev.loopbridge;

import dev.loopbridge.spi.BytesCodec;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The byte classes of other libraries. Any thread. */
final class BytesCodecs {

  private static final BytesCodec<?>[] SERVICES =
      Services.of(BytesCodec.class, "its class does not stand for bytes")
          .toArray(BytesCodec<?>[]::new);

  private BytesCodecs() {}

  /** Returns whether a declared class is one of these. */
  static boolean know(Class<?> type) {
    return Arrays.stream(SERVICES).anyMatch(codec -> codec.type() == type);
  }

  /** Their names, for messages: such as {@code " or Buffer"}. */
  static String names() {
    return Arrays.stream(SERVICES)
        .map(codec -> " or " + codec.type().getSimpleName())
        .collect(Collectors.joining());
  }

  /** A value of these classes as a {@code ByteBuf}, any other as it is. */
  static @Nullable Object encoded(@Nullable Object value) {
    for (BytesCodec<?> codec : SERVICES) {
      if (codec.type().isInstance(value)) {
        return encoded(codec, value);
      }
    }
    return value;
  }

  private static <T> Object encoded(BytesCodec<T> codec, Object value) {
    return codec.bytesOf(codec.type().cast(value));
  }

  /** Returns bytes as an object of the declared class, for which there is a codec. */
  static Object decoded(byte[] bytes, Class<?> type) {
    for (BytesCodec<?> codec : SERVICES) {
      if (codec.type() == type) {
        return codec.valueOf(bytes);
      }
    }
    throw new IllegalStateException(type + " does not stand for bytes");
  }
}
