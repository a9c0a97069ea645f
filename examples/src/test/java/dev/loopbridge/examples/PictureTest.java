package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Typical uploads and their answers, and the end of work that clients gave up. */
class PictureTest extends ServerContract {

  private static final String FORM =
      "--b0\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n";

  private String refused(byte[] image, int status) throws Exception {
    HttpResponse<byte[]> response = post("?width=10", image);
    assertThat(response.statusCode()).isEqualTo(status);
    return new String(response.body(), UTF_8);
  }

  private HttpResponse<byte[]> made(String query, byte[] image, String type) throws Exception {
    HttpResponse<byte[]> response = post(query, image);
    assertThat(response.statusCode()).as(() -> new String(response.body(), UTF_8)).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(type);
    return response;
  }

  @Test
  void theFormatThatSuitsThePictureIsChosenAndNamed() throws Exception {
    byte[] photo = Pictures.encode(Pictures.noise(400, 300, 1), "jpeg");
    byte[] drawing = Pictures.encode(Pictures.corners(400, 300), "png");
    byte[] glass = Pictures.encode(Pictures.halfTransparent(400, 300), "png");
    int chosen = made("?width=200", photo, "image/jpeg").body().length;
    assertThat(chosen).isLessThan(made("?width=200&format=png", photo, "image/png").body().length);
    made("?width=200", drawing, "image/png");
    made("?width=200&format=auto", glass, "image/png");
    byte[] webp = made("?width=200&format=webp", drawing, "image/webp").body();
    assertThat(new String(webp, ISO_8859_1)).startsWith("RIFF").contains("WEBP");
  }

  @Test
  void theImageOfAFormIsTaken() throws Exception {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(FORM.getBytes(UTF_8));
    form.writeBytes(Pictures.encode(Pictures.corners(40, 20), "png"));
    form.writeBytes("\r\n--b0--\r\n".getBytes(UTF_8));
    byte[] small = made("?width=20&format=png", form.toByteArray(), "image/png").body();
    Pictures.assertCorners(Pictures.decode(small), 20, 10, Pictures.CORNERS);
    assertThat(refused((FORM + "\r\n--b0--\r\n").getBytes(UTF_8), 415)).contains("empty");
  }

  @Test
  void whatIsNotDecodedIsCalledByItsName() throws Exception {
    byte[] heic = "\0\0\0\u0018ftypheic\0\0\0\0mif1heic".getBytes(ISO_8859_1);
    assertThat(refused(heic, 415)).contains("unsupported_format").contains("HEIC");
    assertThat(refused("<svg xmlns='x'/>".getBytes(UTF_8), 415)).contains("SVG");
    assertThat(refused(new byte[] {0x1F, (byte) 0x8B, 8, 0}, 415)).contains("gzip");
  }

  @Test
  void workThatIsGivenUpEndsAndIsCountedUntilThen() throws Exception {
    byte[] photo = Pictures.encode(Pictures.noise(2_000, 1_500, 1), "png");
    long before = server.metrics().blockingSpawned();
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.upload("width=4096&format=png", photo);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> server.metrics().blockingRunning() == 1);
      assertThat(server.metrics().blockingAbandoned()).isZero();
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> server.metrics().blockingRunning() == 0);
    assertThat(server.metrics().blockingAbandoned()).isZero();
    assertThat(server.metrics().blockingSpawned()).isEqualTo(before + 1);
    assertThat(new String(get("/metrics").body(), UTF_8))
        .contains("loopbridge_blocking_running 0\n")
        .contains("loopbridge_blocking_queued 0\n")
        .contains("loopbridge_blocking_abandoned 0\n");
  }
}
