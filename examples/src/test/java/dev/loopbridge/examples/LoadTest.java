package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many uploads at once, while loops still answer other requests. */
@Tag("slow")
class LoadTest {

  private static final int UPLOADS = 64;
  private static final long LIMIT_MILLIS = 50;
  private static final long POLL_MILLIS = 5;

  /** A busy machine delays some rounds; a blocked loop delays each round. */
  private static final int ROUNDS = 20;

  private static final int WIDTH = 1_200;
  private static final int HEIGHT = 900;

  private static final AtomicInteger FRAME_HEIGHT = new AtomicInteger(1_000);

  private static final List<byte[]> PHOTOS =
      List.of(
          Pictures.encode(Pictures.noise(WIDTH, HEIGHT, 0), "png"),
          Pictures.encode(Pictures.noise(HEIGHT, WIDTH, 1), "png"));

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void uploadsAreAllAnsweredRightWhileHealthStaysFast(String engine) throws Exception {
    // The server runs in a process of its own, so garbage collection of the test does not pause it.
    try (ServerProcess server = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      int port = server.awaitReady();
      List<String> rounds = new ArrayList<>();
      boolean isFast = false;
      while (!isFast && rounds.size() < ROUNDS) {
        Round round = Round.of(port);
        isFast = round.slowestMillis < LIMIT_MILLIS;
        rounds.add(round.toString());
      }
      System.out.println(engine + ": /health under " + UPLOADS + " uploads: " + rounds);
      assertThat(isFast).as("/health under %d uploads: %s", UPLOADS, rounds).isTrue();
      assertSettled(port);
    }
  }

  private record Round(int polls, long slowestMillis) {

    static Round of(int port) throws Exception {
      ExecutorService clients = Executors.newFixedThreadPool(UPLOADS);
      ScheduledExecutorService poller = Executors.newSingleThreadScheduledExecutor();
      try (RawConnection health = new RawConnection(port)) {
        List<CompletableFuture<Void>> uploads = new ArrayList<>();
        for (int i = 0; i < UPLOADS; i++) {
          int photo = i % PHOTOS.size();
          uploads.add(CompletableFuture.runAsync(() -> upload(port, photo), clients));
        }
        List<Long> answers = Collections.synchronizedList(new ArrayList<>());
        ScheduledFuture<?> polling =
            poller.scheduleAtFixedRate(
                () -> answers.add(pollMillis(health)), 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
        for (CompletableFuture<Void> upload : uploads) {
          upload.join();
        }
        assertThat(polling.isDone()).as("a poll failed").isFalse();
        polling.cancel(false);
        poller.shutdown();
        assertThat(poller.awaitTermination(LIMIT_MILLIS * 100, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(answers).hasSizeGreaterThan(20);
        return new Round(answers.size(), Collections.max(answers));
      } finally {
        clients.shutdownNow();
        poller.shutdownNow();
      }
    }

    @Override
    public String toString() {
      return "slowest of " + polls + " answers " + slowestMillis + " ms";
    }
  }

  private static long pollMillis(RawConnection health) {
    try {
      long begun = System.nanoTime();
      assertThat(health.get("/health").status()).isEqualTo(200);
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void upload(int port, int photo) {
    try (RawConnection connection = new RawConnection(port)) {
      // A height of its own that no thumbnail reaches, so that none is found in the cache.
      connection.upload("width=120&height=" + FRAME_HEIGHT.incrementAndGet(), PHOTOS.get(photo));
      RawConnection.Response response = connection.receive(true);
      assertThat(response.status()).as(response.text()).isEqualTo(200);
      BufferedImage thumbnail = Pictures.decode(response.body());
      assertThat(thumbnail.getWidth()).isEqualTo(120);
      assertThat(thumbnail.getHeight()).isEqualTo(photo == 0 ? 90 : 160);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertSettled(int port) throws IOException {
    try (RawConnection connection = new RawConnection(port)) {
      assertThat(connection.get("/metrics").text())
          .contains("\nloopbridge_live_calls 0\n", "\nloopbridge_live_leases 0\n")
          .contains("\nloopbridge_live_payloads 0\n", "\nloopbridge_panics_total 0\n");
    }
  }
}
