package dev.loopbridge.examples;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The wanted thumbnail.
 *
 * @param width the greatest width, in pixels
 * @param height the greatest height, in pixels; null for the height that follows from the width
 * @param format {@code png}, {@code jpeg}, {@code webp}, or {@code auto} for the one that suits the
 *     picture
 */
record ThumbnailRequest(int width, @Nullable Integer height, String format) {

  /** The longest side that a request can have, in pixels. */
  static final int MAX_SIDE = 4096;

  private static final String DEFAULT_FORMAT = "auto";

  private static final Set<String> FORMATS = Set.of("auto", "png", "jpeg", "webp");

  /**
   * Reads {@code width=W[&height=H][&format=auto|png|jpeg|webp]}; other parameters are ignored.
   *
   * @throws Refusal with the name of the parameter that is missing or wrong
   */
  static ThumbnailRequest parse(Map<String, List<String>> query) {
    Integer width = side(query, "width");
    if (width == null) {
      throw new Refusal(
          400, "missing_width", "width is missing; expected as in /thumbnail?width=320");
    }
    String format = single(query, "format");
    if (format == null) {
      format = DEFAULT_FORMAT;
    } else if (!FORMATS.contains(format)) {
      throw new Refusal(
          400, "bad_format", "format is \"" + format + "\"; expected auto, png, jpeg or webp");
    }
    return new ThumbnailRequest(width, side(query, "height"), format);
  }

  /** The answer with the finished thumbnail, which it then owns. */
  Answer answer(ByteBuf thumbnail) {
    return new Answer(200, type(thumbnail), thumbnail, Map.of("x-content-type-options", "nosniff"));
  }

  /** The content type by the first byte: with {@code auto}, Rust chooses the format. */
  private static String type(ByteBuf thumbnail) {
    return switch (thumbnail.getUnsignedByte(thumbnail.readerIndex())) {
      case 0x89 -> "image/png";
      case 0xFF -> "image/jpeg";
      case 'R' -> "image/webp";
      default -> "application/octet-stream";
    };
  }

  private static @Nullable Integer side(Map<String, List<String>> query, String name) {
    String text = single(query, name);
    if (text == null) {
      return null;
    }
    // Nine digits fit an int, and a longer number is too large anyway.
    int side = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    if (side < 1 || side > MAX_SIDE) {
      String expected = "expected a whole number of pixels from 1 to " + MAX_SIDE;
      throw new Refusal(400, "bad_" + name, name + " is \"" + text + "\"; " + expected);
    }
    return side;
  }

  private static @Nullable String single(Map<String, List<String>> query, String name) {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new Refusal(
          400, "bad_" + name, name + " is given " + values.size() + " times; expected once");
    }
    return values.isEmpty() ? null : values.get(0);
  }
}
