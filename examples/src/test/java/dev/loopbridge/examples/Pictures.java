package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;

/** Images that the JDK's ImageIO encodes and decodes, and files that no encoder would write. */
final class Pictures {

  static final Color RED = new Color(220, 30, 30);
  static final Color GREEN = new Color(30, 180, 60);
  static final Color BLUE = new Color(40, 60, 210);
  static final Color YELLOW = new Color(240, 220, 40);

  /** The quarters of {@link #corners}: top left, top right, bottom left, bottom right. */
  static final List<Color> CORNERS = List.of(RED, GREEN, BLUE, YELLOW);

  /** {@code corners(64, 32)} by libwebp, since ImageIO has no WebP. */
  static final byte[] WEBP_LOSSLESS =
      Base64.getDecoder()
          .decode(
              "UklGRkgAAABXRUJQVlA4TDwAAAAvP8AHAB8gECBOxKgSK0xN2wYMwfBH0XX1FhIQd2yzzzZ5/uNRDdIFIgES"
                  + "T3rSkyYyNaL/E1A8+hoGfQE=");

  /** The same, lossy. */
  static final byte[] WEBP_LOSSY =
      Base64.getDecoder()
          .decode(
              "UklGRgYBAABXRUJQVlA4IPoAAABQCQCdASpAACAAPi0QhkKhoQ3+qgAMAWJaADIHUE9H+Ufgx+s3MGaX9gP0"
                  + "wtXeCAesV/Vf0A1gD0AP0A3/8DVAFmvpTRJfnQb0I+/TRWEHlQ+0fAD++QpbW/WNf5+LLbU+hy+Y"
                  + "R79f/ak50KLEI5AAyynoIF5m2G0f0hswEXlcDeTZ5CW39+LNHTzRxEoeIKR8a6uC0jK5K+N7lCsD"
                  + "A+oWF6k9DoUZQRc2fSDY4Ef0teA3D6JkuVn8cqPGEXOyo8tJIColiHqNALyQsn4tg63tj/v9TrVN"
                  + "URX/lm0Tic2/bmOwkCze7eWDgeIaHTI3job9YSMVlUbPgAAA");

  private Pictures() {}

  /** Four quarters, each of its own colour, so that a turn or flip shows. */
  static BufferedImage corners(int width, int height) {
    return painted(
        width,
        height,
        BufferedImage.TYPE_INT_RGB,
        graphics -> {
          for (int i = 0; i < 4; i++) {
            graphics.setColor(CORNERS.get(i));
            graphics.fillRect(i % 2 * width / 2, i / 2 * height / 2, width / 2, height / 2);
          }
        });
  }

  /** The left half opaque red, the right half transparent. */
  static BufferedImage halfTransparent(int width, int height) {
    return painted(
        width,
        height,
        BufferedImage.TYPE_INT_ARGB,
        graphics -> {
          graphics.setColor(RED);
          graphics.fillRect(0, 0, width / 2, height);
        });
  }

  /** A photo's stand-in: colours that change everywhere, in a way that depends on the seed. */
  static BufferedImage noise(int width, int height, int seed) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        row[x] = (random.nextInt() & 0x1F1F1F) + (x * 160 / width << 16 | y * 160 / height << 8);
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  private static BufferedImage painted(
      int width, int height, int type, Consumer<Graphics2D> painter) {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    painter.accept(graphics);
    graphics.dispose();
    return image;
  }

  static byte[] encode(BufferedImage image, String format) {
    try {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      assertThat(ImageIO.write(image, format, file)).as("ImageIO writes " + format).isTrue();
      return file.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BufferedImage decode(byte[] file) {
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
      assertThat(image).as("an image that ImageIO reads").isNotNull();
      return image;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks size and the middle of each quarter, channel by channel. */
  static void assertCorners(BufferedImage image, int width, int height, List<Color> colours) {
    assertThat(List.of(image.getWidth(), image.getHeight())).containsExactly(width, height);
    for (int i = 0; i < 4; i++) {
      int pixel = image.getRGB((1 + 2 * (i % 2)) * width / 4, (1 + 2 * (i / 2)) * height / 4);
      assertNear(new Color(pixel), colours.get(i), "quarter " + i);
    }
  }

  static void assertNear(Color actual, Color expected, String what) {
    int[] differences = {
      actual.getRed() - expected.getRed(),
      actual.getGreen() - expected.getGreen(),
      actual.getBlue() - expected.getBlue()
    };
    assertThat(Arrays.stream(differences).map(Math::abs).max().orElseThrow())
        .as("%s: %s instead of %s", what, actual, expected)
        .isLessThanOrEqualTo(16);
  }

  /** The JPEG with an EXIF segment that holds nothing but the orientation. */
  static byte[] withExifOrientation(byte[] jpeg, int orientation) {
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + 36);
    file.put(jpeg, 0, 2).putShort((short) 0xFFE1).putShort((short) 34);
    file.put(new byte[] {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42}).putInt(8).putShort((short) 1);
    file.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    file.putShort((short) 0).putInt(0);
    return file.put(jpeg, 2, jpeg.length - 2).array();
  }

  /** A black PNG with real pixels, which compress to next to nothing. */
  static byte[] blackPng(int width, int height) {
    return png(width, height, height);
  }

  /** A PNG that declares a size it has no pixels for. */
  static byte[] pngBomb(int width, int height) {
    return png(width, height, 1);
  }

  private static byte[] png(int width, int height, int rows) {
    try {
      ByteArrayOutputStream pixels = new ByteArrayOutputStream();
      try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels)) {
        byte[] row = new byte[1 + width];
        for (int y = 0; y < rows; y++) {
          deflater.write(row);
        }
      }
      byte[] greyOfEightBits = {8, 0, 0, 0, 0};
      ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(file);
      out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
      chunk(out, "IHDR", header.put(greyOfEightBits).array());
      chunk(out, "IDAT", pixels.toByteArray());
      chunk(out, "IEND", new byte[0]);
      return file.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void chunk(DataOutputStream out, String type, byte[] contents) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(type.getBytes(US_ASCII));
    checksum.update(contents);
    out.writeInt(contents.length);
    out.writeBytes(type);
    out.write(contents);
    out.writeInt((int) checksum.getValue());
  }
}
