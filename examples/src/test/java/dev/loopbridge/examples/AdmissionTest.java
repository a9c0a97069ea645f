package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Limits of the server: memory for images, open connections, and time for slow clients. */
@Tag("slow")
class AdmissionTest extends ServerContract {

  private static final byte[] IMAGE = Pictures.encode(Pictures.corners(40, 20), "png");
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static Limits limits(long imageBytes, int connections) {
    return new Limits(imageBytes, connections, LONG, LONG, LONG, LONG, LONG, LONG);
  }

  private static void assertTriesAgain(RawConnection.Response response, String code) {
    assertThat(response.status()).as(response.text()).isEqualTo(503);
    assertThat(response.headers()).containsEntry("retry-after", "1");
    assertThat(response.text()).contains(code);
  }

  private static void assertCutOff(RawConnection connection, int status, String code)
      throws IOException {
    RawConnection.Response response = connection.receive(true);
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    assertThat(response.headers()).containsEntry("connection", "close");
    assertThat(response.text()).contains(code);
    assertThat(connection.isClosedByServer()).isTrue();
  }

  @Test
  void declaredBytesAreAdmittedBeforeTheyAreRead() throws Exception {
    startWithin(limits(2 << 20, 100));
    try (RawConnection first = new RawConnection(server.port());
        RawConnection second = new RawConnection(server.port());
        RawConnection asking = new RawConnection(server.port())) {
      first.announce(2 << 20);
      await().atMost(PATIENCE).until(() -> server.admission().imageBytes() == 2 << 20);
      second.announce(IMAGE.length);
      assertTriesAgain(second.receive(true), "busy");
      asking.announce(IMAGE.length, "expect: 100-continue");
      assertTriesAgain(asking.receive(true), "busy");
      assertThat(asking.isClosedByServer()).isTrue();
      // The answer came before the body; after the body the connection can be used again.
      second.send(IMAGE);
      assertThat(second.get("/health").status()).isEqualTo(200);
    }
    await().atMost(PATIENCE).until(() -> server.admission().imageBytes() == 0);
    try (RawConnection third = new RawConnection(server.port())) {
      third.announce(IMAGE.length, "expect: 100-continue");
      assertThat(third.receive(false).status()).isEqualTo(100);
      assertThat(third.send(IMAGE).receive(true).status()).isEqualTo(200);
    }
  }

  @Test
  void bytesWithoutADeclaredLengthAreAdmittedAsTheyGrow() throws Exception {
    startWithin(limits(2 << 20, 100));
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("POST /thumbnail?width=10 HTTP/1.1", "host: x", "transfer-encoding: chunked");
      for (int i = 0; i < 3; i++) {
        connection.send("100000\r\n".getBytes(US_ASCII)).send(new byte[1 << 20]);
        connection.send("\r\n".getBytes(US_ASCII));
      }
      assertTriesAgain(connection.receive(true), "busy");
      assertThat(server.admission().imageBytes()).isZero();
      connection.send("0\r\n\r\n".getBytes(US_ASCII));
      connection.upload("width=10", IMAGE);
      assertThat(connection.receive(true).status()).isEqualTo(200);
    }
  }

  @Test
  void anImageKeepsItsBytesUntilItsWorkIsOver() throws Exception {
    byte[] image = Pictures.blackPng(8_000, 7_900);
    startWithin(limits(image.length, 100));
    try (RawConnection first = new RawConnection(server.port());
        RawConnection second = new RawConnection(server.port())) {
      first.upload("width=10", image);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> server.metrics().callsBegun() == 2);
      assertThat(server.admission().imageBytes()).isEqualTo(image.length);
      second.upload("width=10", IMAGE);
      assertTriesAgain(second.receive(true), "busy");
      assertThat(first.receive(true).status()).isEqualTo(200);
      await().atMost(PATIENCE).until(() -> server.admission().imageBytes() == 0);
      second.upload("width=10", IMAGE);
      assertThat(second.receive(true).status()).isEqualTo(200);
    }
  }

  @Test
  void memoryThatCannotBeHadIsARefusal() throws Exception {
    // One image of the greatest size is admitted, and a second does not fit.
    try (ServerProcess process =
        ServerProcess.launch(
            Map.of("ENGINE", engine, "PORT", "0"), "-XX:MaxDirectMemorySize=20m")) {
      int port = process.awaitReady();
      try (RawConnection connection = new RawConnection(port)) {
        connection.upload("width=10", new byte[Upload.LIMIT]);
        assertTriesAgain(connection.receive(true), "busy");
        connection.upload("width=10", IMAGE);
        assertThat(connection.receive(true).status()).isEqualTo(200);
        assertThat(connection.get("/metrics").text()).contains("\nimage_bytes 0\n");
      }
      process.sendSigterm();
      assertThat(process.remainingOutput()).isEmpty();
    }
  }

  @Test
  void aConnectionTooManyIsAnsweredAndClosed() throws Exception {
    startWithin(limits(1 << 20, 2));
    // that of the rehearsal
    await().atMost(PATIENCE).until(() -> server.admission().connections() == 0);
    try (RawConnection first = new RawConnection(server.port());
        RawConnection second = new RawConnection(server.port())) {
      assertThat(first.get("/health").status()).isEqualTo(200);
      assertThat(second.get("/health").status()).isEqualTo(200);
      try (RawConnection third = new RawConnection(server.port())) {
        assertTriesAgain(third.receive(true), "too_many_connections");
        assertThat(third.isClosedByServer()).isTrue();
      }
      assertThat(first.get("/health").status()).isEqualTo(200);
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              try (RawConnection again = new RawConnection(server.port())) {
                assertThat(again.get("/health").status()).isEqualTo(200);
              }
            });
  }

  @Test
  void aHeadThatTricklesEnds() throws Exception {
    startWithin(new Limits(1 << 20, 100, SHORT, LONG, LONG, LONG, LONG, LONG));
    try (RawConnection silent = new RawConnection(server.port());
        RawConnection trickling = new RawConnection(server.port());
        RawConnection later = new RawConnection(server.port())) {
      trickling.trickle("GET /health HTTP/1.1\r\nx: ");
      later.trickle("GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP");
      assertThat(silent.isClosedByServer()).isTrue();
      assertCutOff(trickling, 408, "late_head");
      assertThat(later.receive(true).status()).isEqualTo(200);
      assertCutOff(later, 408, "late_head");
    }
  }

  @Test
  void aBodyThatPausesOrTricklesEnds() throws Exception {
    startWithin(new Limits(1 << 20, 100, LONG, SHORT, LONG, LONG, LONG, LONG));
    try (RawConnection paused = new RawConnection(server.port())) {
      paused.announce(1_000).send(new byte[10]);
      assertCutOff(paused, 408, "late_body");
    }
    awaitNothingLive();
    startWithin(new Limits(1 << 20, 100, LONG, LONG, SHORT, LONG, LONG, LONG));
    String head = "POST /thumbnail?width=10 HTTP/1.1\r\nhost: x\r\n";
    try (RawConnection declared = new RawConnection(server.port());
        RawConnection chunked = new RawConnection(server.port());
        RawConnection refused = new RawConnection(server.port())) {
      declared.trickle(head + "content-length: 100000\r\n\r\n");
      chunked.trickle(head + "transfer-encoding: chunked\r\n\r\nffff\r\n");
      refused.trickle(head + "content-length: 99999999\r\n\r\n");
      assertCutOff(declared, 408, "late_body");
      assertCutOff(chunked, 408, "late_body");
      assertThat(refused.receive(true).status()).isEqualTo(413);
      assertThat(refused.isClosedByServer()).isTrue();
    }
    assertThat(new String(get("/metrics").body(), UTF_8)).contains("\nhttp_cut_off_total 3\n");
  }

  @Test
  void workThatTakesTooLongEnds() throws Exception {
    startWithin(new Limits(16 << 20, 100, LONG, LONG, LONG, Duration.ofMillis(50), LONG, LONG));
    List<RawConnection> connections = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      // Each with a height of its own, so that none is found in the cache.
      byte[] image = Pictures.blackPng(8_000, 7_900);
      connections.add(
          new RawConnection(server.port()).upload("width=10&height=" + (99 + i), image));
    }
    int late = 0;
    for (RawConnection connection : connections) {
      RawConnection.Response response = connection.receive(true);
      if (response.status() != 200) {
        assertTriesAgain(response, "late_work");
        assertThat(connection.isClosedByServer()).isTrue();
        late++;
      }
      connection.close();
    }
    assertThat(late).isPositive();
    awaitNothingLive();
  }

  @Test
  void slowClientsLeaveNothingInTheLog() throws Exception {
    try (ServerProcess process = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      int port = process.awaitReady();
      List<RawConnection> slow = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        slow.add(new RawConnection(port).announce(1_000));
        slow.add(new RawConnection(port).send("GET / HTTP/1.1\r\nhost".getBytes(US_ASCII)));
      }
      for (RawConnection connection : slow) {
        assertThat(connection.receive(true).status()).isEqualTo(408);
        connection.close();
      }
      process.sendSigterm();
      assertThat(process.remainingOutput()).isEmpty();
    }
  }

  @Test
  void aConnectionThatIsNotUsedEnds() throws Exception {
    startWithin(new Limits(1 << 20, 100, LONG, LONG, LONG, LONG, LONG, SHORT));
    try (RawConnection connection = new RawConnection(server.port())) {
      assertThat(connection.get("/health").status()).isEqualTo(200);
      assertThat(connection.receiveToEnd()).isEmpty();
    }
  }

  @Test
  @Timeout(
      value = 120,
      // a client whose data the server does not read blocks
      threadMode = ThreadMode.SEPARATE_THREAD)
  void stalledUploadsLeaveOthersAlone() throws Exception {
    int length = 15 << 20;
    try (ServerProcess process =
        ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"), "-Xmx256m")) {
      int port = process.awaitReady();
      List<RawConnection> uploads = new ArrayList<>();
      int refused = 0;
      long slowest = 0;
      try (RawConnection health = new RawConnection(port)) {
        for (int i = 0; i < 20; i++) {
          RawConnection upload = new RawConnection(port).announce(length);
          upload.send(new byte[length - 1]); // the server reads it, whether it refuses it or not
          uploads.add(upload);
          long begun = System.nanoTime();
          assertThat(health.get("/health").status()).isEqualTo(200);
          slowest = Math.max(slowest, System.nanoTime() - begun);
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(slowest)).isLessThan(500);
        for (RawConnection upload : uploads) {
          if (upload.hasAnswer()) {
            assertTriesAgain(upload.receive(true), "busy");
            refused++;
          }
        }
        assertThat(refused).isBetween(1, 19);
        assertThat(health.get("/metrics").text())
            .contains("\nimage_bytes " + (20 - refused) * length + "\n");
        for (RawConnection upload : uploads) {
          upload.close();
        }
        await()
            .atMost(PATIENCE)
            .until(() -> health.get("/metrics").text().contains("\nimage_bytes 0\n"));
        health.upload("width=10", IMAGE);
        assertThat(health.receive(true).status()).isEqualTo(200);
      }
      process.sendSigterm();
      assertThat(process.remainingOutput()).isEmpty();
    }
  }
}
