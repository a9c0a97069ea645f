package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.RuntimeMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a client leaves, its work is cancelled. */
class CancelTest extends ServerContract {

  /** Nearly as many pixels as are accepted: the work takes a good part of a second. */
  private static final byte[] LONG_WORK = Pictures.blackPng(8_000, 7_900);

  @Test
  void disconnectingCancelsTheWork() throws Exception {
    int clients = 24;
    long begun = server.metrics().callsBegun();
    List<RawConnection> connections = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      // Each with a height of its own, so that none is found in the cache.
      String query = "width=10&height=" + (1_000 + i);
      connections.add(new RawConnection(server.port()).upload(query, LONG_WORK));
    }
    await().atMost(PATIENCE).until(() -> server.metrics().callsBegun() == begun + clients);
    long finishedByThen = server.metrics().callsFinished();

    for (RawConnection connection : connections) {
      connection.close();
    }
    awaitNothingLive();

    RuntimeMetrics metrics = server.metrics();
    // The image that each thread works on may have been too far along to be stopped.
    assertThat(metrics.cancelsApplied()).isGreaterThanOrEqualTo(clients - finishedByThen - 2);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(new String(get("/metrics").body(), UTF_8))
                    .containsPattern("_count\\{route=\"/thumbnail\",status=\"499\"} [0-9]+"));
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void disconnectingHalfwayThroughTheUploadLeavesNothing() throws Exception {
    long submissions = server.metrics().submissions();
    for (int i = 0; i < 20; i++) {
      try (RawConnection connection = new RawConnection(server.port())) {
        connection.send(
            "POST /thumbnail?width=10 HTTP/1.1", "host: x", "content-length: " + LONG_WORK.length);
        connection.send(Arrays.copyOf(LONG_WORK, LONG_WORK.length / 2));
      }
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () ->
                assertThat(new String(get("/metrics").body(), UTF_8))
                    .contains("_count{route=\"/thumbnail\",status=\"499\"} 20\n"));
    assertThat(server.metrics().submissions()).isEqualTo(submissions);
  }
}
