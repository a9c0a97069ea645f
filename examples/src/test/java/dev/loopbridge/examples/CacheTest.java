package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rust asks Java for an earlier thumbnail, and drops the question when the client leaves. */
class CacheTest extends ServerContract {

  private static final byte[] IMAGE = Pictures.encode(Pictures.corners(40, 20), "png");

  /** What the test does with a task for the cache's loop. */
  private enum Loop {
    RUNS,
    IS_STUCK,
    HAS_ENDED
  }

  private volatile Loop loop = Loop.RUNS;
  private final Queue<Runnable> stuck = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void watchTheCachesLoop() {
    server.close();
    server =
        ThumbnailServer.start(
            engine,
            "0",
            64,
            runs ->
                task -> {
                  switch (loop) {
                    case RUNS -> runs.execute(task);
                    case IS_STUCK -> stuck.add(task);
                    case HAS_ENDED -> throw new RejectedExecutionException("the loop has ended");
                  }
                });
  }

  private byte[] thumbnail(String query) throws Exception {
    HttpResponse<byte[]> response = post(query, IMAGE);
    assertThat(response.statusCode()).as(() -> new String(response.body(), UTF_8)).isEqualTo(200);
    return response.body();
  }

  /** The server's counters of the cache. */
  private long counted(String what) throws Exception {
    Matcher line =
        Pattern.compile("(?m)^thumbnail_cache_" + what + " ([0-9]+)$")
            .matcher(new String(get("/metrics").body(), UTF_8));
    assertThat(line.find()).as(what).isTrue();
    return Long.parseLong(line.group(1));
  }

  private void awaitCounted(String what, long expected) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(() -> assertThat(counted(what)).as(what).isEqualTo(expected));
  }

  @Test
  void whatWasMadeBeforeIsFound() throws Exception {
    byte[] first = thumbnail("?width=20");
    awaitNothingLive();
    long kept = counted("bytes");
    assertThat(thumbnail("?width=20")).isEqualTo(first);
    assertThat(counted("hits_total")).isEqualTo(1);
    assertThat(counted("bytes")).isEqualTo(kept);
  }

  @Test
  void whatDiffersInAnythingIsMade() throws Exception {
    thumbnail("?width=20");
    thumbnail("?width=21");
    thumbnail("?width=20&height=20");
    thumbnail("?width=20&format=jpeg");
    post("?width=20", Pictures.encode(Pictures.corners(42, 20), "png"));
    // One more, since the rehearsal made one.
    assertThat(counted("misses_total")).isEqualTo(6);
    assertThat(counted("hits_total")).isZero();
  }

  @Test
  void whatCouldNotBeMadeIsNotKept() throws Exception {
    long kept = counted("bytes");
    for (int i = 0; i < 2; i++) {
      assertThat(post("?width=20", "no image".getBytes(UTF_8)).statusCode()).isEqualTo(415);
    }
    assertThat(counted("hits_total")).isZero();
    assertThat(counted("bytes")).isEqualTo(kept);
  }

  @Test
  void aLookUpThatFailsCostsNoThumbnail() throws Exception {
    byte[] first = thumbnail("?width=20");
    loop = Loop.HAS_ENDED;
    assertThat(thumbnail("?width=20")).isEqualTo(first);
    assertThat(thumbnail("?width=10")).isNotEmpty();
    assertThat(counted("failed_total")).isEqualTo(2);
    assertThat(counted("misses_total")).isEqualTo(2);
  }

  @Test
  void whoLeavesDuringTheLookUpCancelsIt() throws Exception {
    loop = Loop.IS_STUCK;
    int clients = 20;
    List<RawConnection> connections = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      connections.add(new RawConnection(server.port()).upload("width=20", IMAGE));
    }
    await().atMost(PATIENCE).until(() -> stuck.size() == clients);
    assertThat(server.metrics().liveInvocations()).isEqualTo(clients);
    assertThat(counted("cancelled_total")).isZero();

    for (RawConnection connection : connections) {
      connection.close();
    }
    awaitCounted("cancelled_total", clients);
    awaitNothingLive();

    // The loop runs them too late: their look-ups are cancelled.
    loop = Loop.RUNS;
    stuck.forEach(Runnable::run);
    assertThat(thumbnail("?width=20")).isNotEmpty();
    assertThat(counted("cancelled_total")).isEqualTo(clients);
    assertThat(counted("hits_total")).isZero();
  }

  @Test
  void whoStaysIsAnsweredWhenTheLookUpIs() throws Exception {
    loop = Loop.IS_STUCK;
    CompletableFuture<HttpResponse<byte[]>> answer = postAsync("?width=20", IMAGE);
    await().atMost(PATIENCE).until(() -> stuck.size() == 1);
    assertThat(answer).isNotDone();
    loop = Loop.RUNS;
    stuck.remove().run();
    assertThat(answer.join().statusCode()).isEqualTo(200);
  }
}
