package dev.loopbridge.examples;

import static dev.loopbridge.examples.Pictures.BLUE;
import static dev.loopbridge.examples.Pictures.CORNERS;
import static dev.loopbridge.examples.Pictures.GREEN;
import static dev.loopbridge.examples.Pictures.RED;
import static dev.loopbridge.examples.Pictures.YELLOW;
import static dev.loopbridge.examples.Pictures.assertCorners;
import static dev.loopbridge.examples.Pictures.assertNear;
import static dev.loopbridge.examples.Pictures.corners;
import static dev.loopbridge.examples.Pictures.decode;
import static dev.loopbridge.examples.Pictures.encode;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The thumbnails of real images, checked with ImageIO. */
class ThumbnailTest extends ServerContract {

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};
  private static final byte[] JPEG = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};

  private BufferedImage thumbnail(String query, byte[] image, String type) throws Exception {
    HttpResponse<byte[]> response = post(query, image);
    assertThat(response.statusCode()).as(() -> new String(response.body())).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(type);
    assertThat(response.headers().firstValue("x-content-type-options")).hasValue("nosniff");
    assertThat(response.body()).startsWith(type.equals("image/png") ? PNG : JPEG);
    return decode(response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "gif"})
  void everyFormatOfImageIoBecomesPngAndJpeg(String input) throws Exception {
    byte[] image = encode(corners(400, 200), input);
    assertCorners(thumbnail("?width=100&format=png", image, "image/png"), 100, 50, CORNERS);
    assertCorners(thumbnail("?width=100&format=jpeg", image, "image/jpeg"), 100, 50, CORNERS);
  }

  @Test
  void webpBecomesPngAndJpeg() throws Exception {
    for (byte[] image : List.of(Pictures.WEBP_LOSSLESS, Pictures.WEBP_LOSSY)) {
      assertCorners(thumbnail("?width=32&format=png", image, "image/png"), 32, 16, CORNERS);
      assertCorners(thumbnail("?width=32&format=jpeg", image, "image/jpeg"), 32, 16, CORNERS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "?width=100, 100, 50",
    "?width=100&height=100, 100, 50",
    "?width=100&height=25, 50, 25",
    "?width=33, 33, 17",
    "?width=4096&height=4096, 400, 200",
  })
  void fitsTheFrameWithItsAspectRatioAndIsNeverEnlarged(String query, int width, int height)
      throws Exception {
    byte[] image = encode(corners(400, 200), "png");
    assertCorners(thumbnail(query, image, "image/png"), width, height, CORNERS);
  }

  @Test
  void exifOrientationIsHonoured() throws Exception {
    byte[] image = encode(corners(400, 200), "jpeg");
    Map<Integer, List<Color>> upright =
        Map.of(
            1, List.of(RED, GREEN, BLUE, YELLOW),
            2, List.of(GREEN, RED, YELLOW, BLUE),
            3, List.of(YELLOW, BLUE, GREEN, RED),
            4, List.of(BLUE, YELLOW, RED, GREEN),
            5, List.of(RED, BLUE, GREEN, YELLOW),
            6, List.of(BLUE, RED, YELLOW, GREEN),
            7, List.of(YELLOW, GREEN, BLUE, RED),
            8, List.of(GREEN, YELLOW, RED, BLUE));
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] turned = Pictures.withExifOrientation(image, orientation);
      int height = orientation < 5 ? 25 : 100;
      assertCorners(
          thumbnail("?width=50&format=png", turned, "image/png"),
          50,
          height,
          upright.get(orientation));
    }
  }

  @Test
  void transparencyStaysInPngAndBecomesWhiteInJpeg() throws Exception {
    byte[] image = encode(Pictures.halfTransparent(200, 100), "png");
    BufferedImage png = thumbnail("?width=50&format=png", image, "image/png");
    assertThat(png.getRGB(45, 12) >>> 24).isZero();
    assertThat(png.getRGB(5, 12) >>> 24).isEqualTo(255);
    BufferedImage jpeg = thumbnail("?width=50&format=jpeg", image, "image/jpeg");
    assertNear(new Color(jpeg.getRGB(45, 12)), Color.WHITE, "what was transparent");
    assertNear(new Color(jpeg.getRGB(5, 12)), RED, "what was opaque");
  }

  @Test
  void aLargePhotoComesThroughInOnePiece() throws Exception {
    BufferedImage photo = Pictures.noise(2400, 1600, 1);
    byte[] image = encode(photo, "png");
    assertThat(image.length).isBetween(4 << 20, Upload.LIMIT);
    BufferedImage small = thumbnail("?width=240&format=png", image, "image/png");
    assertThat(small.getHeight()).isEqualTo(160);
    for (int x = 10; x < 240; x += 44) {
      for (int y = 10; y < 160; y += 28) {
        assertNear(new Color(small.getRGB(x, y)), average(photo, x, y), x + ", " + y);
      }
    }
  }

  /** The mean colour of a square of ten by ten pixels, which becomes one pixel. */
  private static Color average(BufferedImage photo, int x, int y) {
    int[] sums = new int[3];
    for (int pixel : photo.getRGB(x * 10, y * 10, 10, 10, null, 0, 10)) {
      sums[0] += pixel >> 16 & 0xFF;
      sums[1] += pixel >> 8 & 0xFF;
      sums[2] += pixel & 0xFF;
    }
    return new Color(sums[0] / 100, sums[1] / 100, sums[2] / 100);
  }
}
