package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting and stopping the server. */
@Tag("slow")
class MainTest {

  private static final int ENDED_BY_SIGTERM = 128 + 15;

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void finishesItsRequestsOnSigterm(String engine) throws Exception {
    byte[] image = Pictures.blackPng(4_000, 4_000);
    try (ServerProcess server = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      int port = server.awaitReady();
      // One call is the rehearsal's.
      List<RawConnection> connections = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        connections.add(new RawConnection(port).upload("width=10", image));
      }
      try (RawConnection idle = new RawConnection(port)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(10))
            .until(
                () -> idle.get("/metrics").text().contains("\nloopbridge_calls_begun_total 9\n"));
        server.sendSigterm();
        for (RawConnection connection : connections) {
          assertThat(connection.receive(true).status()).isEqualTo(200);
          connection.close();
        }
        assertThat(idle.isClosedByServer()).isTrue();
      }
      assertThat(server.awaitExit()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(server.remainingOutput()).isEmpty();
      assertThatThrownBy(() -> new RawConnection(port)).isInstanceOf(ConnectException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "netty, 0, ENGINE is \"netty\"; expected vertx or reactor",
    "vertx, http, PORT is \"http\"; expected 0 to 65535",
    "reactor, 65536, PORT is \"65536\"; expected 0 to 65535",
  })
  void reportsWhatIsWrongWithItsEnvironment(String engine, String port, String message)
      throws Exception {
    assertEnds(Map.of("ENGINE", engine, "PORT", port), message);
  }

  @Test
  void reportsWhatIsWrongWithItsHost() throws Exception {
    assertEnds(
        Map.of("HOST", "no such host", "PORT", "0"),
        "HOST is \"no such host\"; expected a name or address of this machine, or 0\\.0\\.0\\.0 for"
            + " all of them");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void reportsThatItsPortIsTaken(String engine) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(other.getLocalPort());
      assertEnds(
          Map.of("ENGINE", engine, "PORT", port),
          "cannot listen on 127\\.0\\.0\\.1:"
              + port
              + " \\(.+\\); set PORT to a free port and HOST to an address of this machine");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vertx, 0.0.0.0, 0.0.0.0",
    "reactor, 0.0.0.0, 0.0.0.0",
    "vertx, 127.0.0.2, 127.0.0.2",
    "reactor, 127.0.0.2, 127.0.0.2",
    "vertx, localhost, 127.0.0.1",
  })
  void listensOnItsHost(String engine, String host, String shown) throws Exception {
    Map<String, String> environment = Map.of("ENGINE", engine, "HOST", host, "PORT", "0");
    try (ServerProcess server = ServerProcess.launch(environment)) {
      int port = server.awaitReady(shown);
      try (Socket connection = new Socket(shown, port)) {
        assertThat(connection.isConnected()).isTrue();
      }
    }
  }

  @Test
  void emptyVariablesAreDefaults() {
    assertThat(Settings.of(Map.of("ENGINE", "", "HOST", " ", "PORT", "")))
        .isEqualTo(Settings.of(Map.of()))
        .isEqualTo(new Settings("vertx", new InetSocketAddress("127.0.0.1", 8080)));
  }

  @Test
  void anAddressStandsInAUrlAsItShould() throws Exception {
    InetAddress longAddress = InetAddress.getByName("::1");
    assertThat(Settings.text(new InetSocketAddress(longAddress, 80)))
        .isEqualTo("[0:0:0:0:0:0:0:1]:80");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "reactor"})
  void reportsThatItsHostIsNotItsOwn(String engine) throws Exception {
    assertEnds(
        Map.of("ENGINE", engine, "HOST", "192.0.2.1", "PORT", "0"),
        "cannot listen on 192\\.0\\.2\\.1:0 \\(.+\\); set PORT to a free port and HOST to an"
            + " address of this machine");
  }

  private static void assertEnds(Map<String, String> environment, String message) throws Exception {
    try (ServerProcess server = ServerProcess.launch(environment)) {
      assertThat(server.remainingOutput()).matches(message);
      assertThat(server.awaitExit()).isEqualTo(2);
    }
  }
}
