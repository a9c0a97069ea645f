package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.RuntimeMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs a server for each test, once on each engine; nothing may be left behind after a test. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"vertx", "reactor"})
abstract class ServerContract {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  @Parameter String engine;

  ThumbnailServer server;

  final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    server = ThumbnailServer.start(engine, "0");
  }

  /** Restarts the server with these limits. */
  void startWithin(Limits limits) {
    server.close();
    server = ThumbnailServer.start(engine, "0", limits);
  }

  @AfterEach
  void stopAndLookForLeftovers() {
    try {
      awaitNothingLive();
    } finally {
      server.close();
    }
  }

  void awaitNothingLive() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(
            () -> {
              RuntimeMetrics metrics = server.metrics();
              assertThat(
                      new long[] {
                        metrics.liveCalls(),
                        metrics.lendingCalls(),
                        metrics.liveTasks(),
                        metrics.callsBegun() - metrics.callsFinished(),
                        metrics.livePayloads(),
                        metrics.livePayloadBytes(),
                        metrics.liveLeases(),
                        metrics.heldObjects(),
                        metrics.liveInvocations(),
                        server.admission().imageBytes()
                      })
                  .as("what %s still holds", metrics)
                  .containsOnly(0);
            });
  }

  HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).GET().build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> post(String query, byte[] image) throws IOException, InterruptedException {
    return post(query, BodyPublishers.ofByteArray(image));
  }

  HttpResponse<byte[]> post(String query, BodyPublisher image)
      throws IOException, InterruptedException {
    return client.send(upload(query, image), BodyHandlers.ofByteArray());
  }

  CompletableFuture<HttpResponse<byte[]>> postAsync(String query, byte[] image) {
    return client.sendAsync(
        upload(query, BodyPublishers.ofByteArray(image)), BodyHandlers.ofByteArray());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(PATIENCE);
  }

  private HttpRequest upload(String query, BodyPublisher image) {
    return request("/thumbnail" + query).POST(image).build();
  }
}
