package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers to bad uploads; many of them leave the server well. */
class RefusalTest extends ServerContract {

  private static final byte[] IMAGE = Pictures.encode(Pictures.corners(40, 20), "png");

  private static void assertRefusal(HttpResponse<byte[]> response, int status, String code) {
    String body = new String(response.body(), UTF_8);
    assertThat(response.statusCode()).as(body).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(body).matches("\\{\"error\":\"" + code + "\",\"message\":\".{10,}\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "'', missing_width",
    "?height=10, missing_width",
    "?width=, bad_width",
    "?width=0, bad_width",
    "?width=-5, bad_width",
    "?width=4097, bad_width",
    "?width=99999999999999999999, bad_width",
    "?width=10.5, bad_width",
    "?width=ten, bad_width",
    "?width=10&width=20, bad_width",
    "?width=10&height=0, bad_height",
    "?width=10&height=x, bad_height",
    "?width=10&format=gif, bad_format",
    "?width=10&format=PNG, bad_format",
    "?width=10&format=, bad_format",
  })
  void badParametersAreNamed(String query, String code) throws Exception {
    assertRefusal(post(query, IMAGE), 400, code);
  }

  @Test
  void aBodyThatIsNoGoodImageIsExplained() throws Exception {
    assertRefusal(post("?width=10", new byte[0]), 400, "empty_body");
    assertRefusal(post("?width=10", "hello, world".getBytes(UTF_8)), 415, "not_an_image");
    assertRefusal(post("?width=10", new byte[100_000]), 415, "not_an_image");
    byte[] bmp = Pictures.encode(Pictures.corners(40, 20), "bmp");
    assertRefusal(post("?width=10", bmp), 415, "unsupported_format");
    for (String format : List.of("png", "jpeg", "gif")) {
      byte[] whole = Pictures.encode(Pictures.noise(200, 100, 3), format);
      byte[] cut = Arrays.copyOf(whole, whole.length / 2);
      assertRefusal(post("?width=10", cut), 422, "damaged_image");
    }
  }

  @Test
  void anImageBombIsRefusedBeforeItGoesOff() throws Exception {
    byte[] bomb = Pictures.pngBomb(50_000, 50_000);
    assertThat(bomb.length).isLessThan(1000);
    assertRefusal(post("?width=10", bomb), 422, "too_many_pixels");
    // A file with that many real pixels, all of which a decoder would have to decode.
    byte[] armed = Pictures.blackPng(40_000, 10_000);
    assertRefusal(post("?width=10", armed), 422, "too_many_pixels");
  }

  @Test
  void aClientThatSendsTooMuchReadsItsAnswer() throws Exception {
    byte[] image = new byte[Upload.LIMIT + (1 << 20)];
    assertRefusal(post("?width=10", image), 413, "too_large");
    // Without a length, so that the size is known only by counting.
    assertRefusal(
        post("?width=10", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(image))),
        413,
        "too_large");
    assertThat(post("?width=10", IMAGE).statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyOfExactlyTheLimitIsAccepted() throws Exception {
    byte[] image = Arrays.copyOf(IMAGE, Upload.LIMIT);
    assertThat(post("?width=10", image).statusCode()).isEqualTo(200);
  }

  @Test
  void aTooLargeBodyIsRefusedBeforeItIsSent() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "POST /thumbnail?width=10 HTTP/1.1", "host: x", "content-length: 999999999999");
      assertThat(connection.receive(true).status()).isEqualTo(413);
    }
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("POST /thumbnail?width=10 HTTP/1.1", "host: x", "transfer-encoding: chunked");
      byte[] mebibyte = new byte[1 << 20];
      for (int sent = 0; sent <= Upload.LIMIT; sent += mebibyte.length) {
        connection.send("100000\r\n".getBytes(US_ASCII)).send(mebibyte);
        connection.send("\r\n".getBytes(US_ASCII));
      }
      // The body has not ended, and the answer comes all the same.
      assertThat(connection.receive(true).status()).isEqualTo(413);
    }
  }

  @Test
  void whoAsksBeforeSendingIsAnsweredBeforeSending() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "POST /thumbnail?width=10 HTTP/1.1",
          "host: x",
          "expect: 100-continue",
          "content-length: " + IMAGE.length);
      assertThat(connection.receive(false).status()).isEqualTo(100);
      connection.send(IMAGE);
      assertThat(connection.receive(true).status()).isEqualTo(200);
    }
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          "POST /thumbnail?width=none HTTP/1.1",
          "host: x",
          "expect: 100-continue",
          "content-length: " + IMAGE.length);
      RawConnection.Response response = connection.receive(true);
      assertThat(response.status()).isEqualTo(400);
      assertThat(connection.isClosedByServer()).isTrue();
    }
  }

  @Test
  void livesOnUnderAThousandBadRequests() throws Exception {
    List<Bad> bad =
        List.of(
            new Bad("?width=none", IMAGE, 400),
            new Bad("?width=10", new byte[0], 400),
            new Bad("?width=10", "not an image".getBytes(UTF_8), 415),
            new Bad("?width=10", Arrays.copyOf(IMAGE, IMAGE.length / 2), 422),
            new Bad("?width=10", Pictures.pngBomb(50_000, 50_000), 422),
            new Bad("?width=10&format=tiff", IMAGE, 400));
    Semaphore atOnce = new Semaphore(32);
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Bad one = bad.get(i % bad.size());
      atOnce.acquire();
      answers.add(
          postAsync(one.query, one.image)
              .whenComplete((response, failure) -> atOnce.release())
              .thenAccept(
                  response ->
                      assertThat(response.statusCode())
                          .as(new String(response.body(), UTF_8))
                          .isEqualTo(one.status)));
    }
    answers.forEach(CompletableFuture::join);
    assertThat(post("?width=10", IMAGE).statusCode()).isEqualTo(200);
    awaitNothingLive();
    assertThat(server.metrics().panics()).isZero();
  }

  private record Bad(String query, byte[] image, int status) {}

  @Test
  void anUploadBeyondTheLimitIsAskedToTryAgain() throws Exception {
    server.close();
    server = ThumbnailServer.start(engine, "0", 1, UnaryOperator.identity());
    byte[] image = Pictures.blackPng(4_000, 4_000);
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      answers.add(postAsync("?width=10", image));
    }
    int refused = 0;
    for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
      if (answer.join().statusCode() != 200) {
        assertRefusal(answer.join(), 503, "busy");
        assertThat(answer.join().headers().firstValue("retry-after")).hasValue("1");
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 15);
  }

  @Test
  void ofManyFailuresOneIsLogged() {
    List<LogRecord> records = new ArrayList<>();
    Handler log =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Refusal.class.getName());
    logger.addHandler(log);
    try {
      long begun = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        assertThat(Refusal.of(new IllegalStateException("as before")).status()).isEqualTo(500);
      }
      // One at once, and one for each second that this took.
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
      assertThat(records).hasSizeLessThanOrEqualTo((int) seconds + 1);
    } finally {
      logger.removeHandler(log);
    }
  }

  @Test
  void aStrangersExceptionIsNotShownToClients() {
    Refusal refusal = Refusal.of(new IllegalStateException("the password is 1234"));
    assertThat(refusal.status()).isEqualTo(500);
    assertThat(refusal.getMessage()).doesNotContain("1234");
  }
}
