package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.examples.RawConnection.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are running when a server gets SIGTERM are finished, and then the process ends. */
class SigtermTest {

  private static final int ENDED_BY_SIGTERM = 128 + 15;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] IMAGE = Pictures.blackPng(10, 10);

  /** The last connection is idle meanwhile, and each of the first two has sent half of a body. */
  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void aHalfSentBodyMayStillArrive(String engine) throws Exception {
    try (ServerProcess server = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      int port = server.awaitReady();
      int half = IMAGE.length / 2;
      try (RawConnection first = new RawConnection(port);
          RawConnection second = new RawConnection(port);
          RawConnection idle = new RawConnection(port)) {
        for (RawConnection connection : new RawConnection[] {first, second}) {
          connection.send(
              "POST /thumbnail?width=5 HTTP/1.1", "host: x", "content-length: " + IMAGE.length);
          connection.send(Arrays.copyOf(IMAGE, half));
        }
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(10))
            .until(() -> idle.get("/metrics").text().contains("\nhttp_requests_in_progress 3"));
        server.sendSigterm();
        awaitRefusal(port);
        for (RawConnection connection : new RawConnection[] {first, second}) {
          connection.send(Arrays.copyOfRange(IMAGE, half, IMAGE.length));
          assertThat(connection.receive(true).status()).isEqualTo(200);
        }
      }
      assertThat(server.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(server.remainingOutput()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void aRequestMayStillMakeItsSecondCall(String engine) throws Exception {
    try (ServerProcess server = ServerProcess.launch(PartsServer.class, engine)) {
      int port = server.awaitReady();
      try (RawConnection connection = new RawConnection(port)) {
        connection.send("POST / HTTP/1.1", "host: x", "content-length: " + 2 * IMAGE.length);
        connection.send(IMAGE);
        assertThat(server.awaitLine()).isEqualTo("call 1");
        server.sendSigterm();
        awaitRefusal(port);
        // No call is in flight at this moment, and the request has one to come.
        connection.send(IMAGE);
        assertThat(server.awaitLine()).isEqualTo("call 2");
        Response response = connection.receive(false);
        assertThat(response.status()).isEqualTo(200);
      }
      assertThat(server.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(server.remainingOutput()).isEmpty();
    }
  }

  /** The server then closes the runtime too, long before its time limit for that. */
  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  @EnabledOnOs(OS.LINUX)
  void aServerThatStillStartsEnds(String engine) throws Exception {
    try (ServerProcess server = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(1))
          .until(server::hasLoadedItsLibrary);
      server.sendSigterm();
      assertThat(server.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
    }
  }

  /** Waits until the server does not listen any more. */
  private static void awaitRefusal(int port) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              try {
                new RawConnection(port).close();
                return false;
              } catch (ConnectException e) {
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }
}
