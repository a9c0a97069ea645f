package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers to a connection with bad HTTP, which are the same on both engines. */
class ConnectionTest extends ServerContract {

  private static void assertLastAnswer(RawConnection connection, int status, String code)
      throws IOException {
    RawConnection.Response response = connection.receive(true);
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    assertThat(response.headers()).containsEntry("content-type", "application/json");
    assertThat(response.headers()).containsEntry("connection", "close");
    assertThat(response.text()).startsWith("{\"error\":\"" + code + "\",\"message\":\"");
    assertThat(connection.receiveToEnd()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /health HTTP/3.7\\r\\nhost: x\\r\\n\\r\\n | 505 | bad_version",
        "GET /health HTTP/2.0\\r\\nhost: x\\r\\n\\r\\n | 505 | bad_version",
        "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n | 505 | bad_version",
        "GET /health HTTP/1.1\\r\\n\\r\\n | 400 | bad_host",
        "GET /health HTTP/1.1\\r\\nhost: x\\r\\nhost: y\\r\\n\\r\\n | 400 | bad_host",
        "GET /health HTTP/1.1\\r\\nhost: x/y\\r\\n\\r\\n | 400 | bad_host",
        "GET /health HTTP/1.1\\r\\nhost: x:port\\r\\n\\r\\n | 400 | bad_host",
        "GET health HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n | 400 | bad_target",
        "CONNECT x:80 HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n | 400 | bad_target",
        "OPTIONS * HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n | 400 | bad_target",
        "GET /health\\r\\nhost: x\\r\\n\\r\\n | 400 | bad_request",
        "nonsense\\r\\n\\r\\n | 400 | bad_request",
        "GET /health HTTP/1.1\\r\\nhost: x\\r\\nno colon\\r\\n\\r\\n | 400 | bad_request",
        "GET /health HTTP/1.1\\r\\nhost: x\\r\\nna me: x\\r\\n\\r\\n | 400 | bad_request",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: many\\r\\n\\r\\n"
            + " | 400 | bad_request",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: -1\\r\\n\\r\\n"
            + " | 400 | bad_request",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: 1\\r\\n"
            + "content-length: 2\\r\\n\\r\\n | 400 | bad_request",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\ntransfer-encoding: gzip\\r\\n\\r\\n"
            + " | 501 | bad_transfer_encoding",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\nexpect: wonders\\r\\n\\r\\n"
            + " | 417 | bad_expect",
        "POST /thumbnail?width=1 HTTP/1.1\\r\\nhost: x\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n"
            + "not a size\\r\\n | 400 | bad_request",
      })
  void whatIsNoGoodRequestIsAnsweredAndClosed(String bytes, int status, String code)
      throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(bytes.replace("\\r", "\r").replace("\\n", "\n").getBytes(ISO_8859_1));
      assertLastAnswer(connection, status, code);
    }
  }

  @Test
  void aLineOrHeadersTooLongAreAnsweredAndClosed() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /" + "a".repeat(200_000) + " HTTP/1.1", "host: x");
      assertLastAnswer(connection, 414, "url_too_long");
    }
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /health HTTP/1.1", "host: x", "many: " + "a".repeat(200_000));
      assertLastAnswer(connection, 431, "headers_too_large");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "x:80", "x:", "", "[::1]:8080", "127.0.0.1:1", "a_b.example", "x:99999"})
  void anyHostIsServed(String host) throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /health HTTP/1.1", "host: " + host);
      assertThat(connection.receive(true).text()).isEqualTo("{\"status\":\"up\"}");
      assertThat(connection.get("/health").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://x/health",
        "HTTP://user@x:80/health?a=b",
        "https://[::1]/health",
        "/health?http://x/",
        "/health?a={|}^"
      })
  void everyFormOfAPathIsServed(String target) throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET " + target + " HTTP/1.1", "host: x");
      assertThat(connection.receive(true).text()).isEqualTo("{\"status\":\"up\"}");
      connection.send("GET http://x HTTP/1.1", "host: x");
      assertThat(connection.receive(true).text()).startsWith("<!doctype html>");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"//", "//x", "/[", "/:80", "/\\", "/{|}^`", "/%00", "/é"})
  void anOddPathIsNotFound(String target) throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET " + target + " HTTP/1.1", "host: x");
      RawConnection.Response response = connection.receive(true);
      assertThat(response.status()).as(response.text()).isEqualTo(404);
      assertThat(connection.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void laterAndEarlierVersionsOfTheProtocolAreServed() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("GET /health HTTP/1.2", "host: x");
      assertThat(connection.receive(true).status()).isEqualTo(200);
      connection.send("GET /health HTTP/1.0");
      assertThat(connection.receive(true).status()).isEqualTo(200);
      assertThat(connection.isClosedByServer()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /nowhere HTTP/1.0", "POST /nowhere HTTP/1.1"})
  void whoClosesAfterItsAnswerReadsItWhileItSends(String request) throws Exception {
    byte[] body = new byte[4 << 20];
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(
          request, "host: x", "connection: close", "content-length: " + (body.length + 1));
      connection.send(body);
      assertThat(connection.receive(true).status()).isEqualTo(404);
      connection.send(new byte[1]);
      assertThat(connection.isClosedByServer()).isTrue();
    }
  }

  @Test
  void requestsBeforeABadOneAreAnsweredFirst() throws Exception {
    byte[] image = Pictures.blackPng(2_000, 2_000);
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.upload("width=10", image);
      connection.send("GET /health HTTP/1.1", "host: x");
      connection.send("nonsense");
      assertThat(connection.receive(true).headers().get("content-type")).startsWith("image/");
      assertThat(connection.receive(true).text()).isEqualTo("{\"status\":\"up\"}");
      assertLastAnswer(connection, 400, "bad_request");
    }
  }

  @Test
  void whatIsRefusedBelowTheRoutesIsCounted() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send("nonsense");
      assertLastAnswer(connection, 400, "bad_request");
    }
    assertThat(new String(get("/metrics").body(), UTF_8))
        .contains("_count{route=\"other\",status=\"400\"} 1\n")
        .contains("\nhttp_requests_in_progress 1\n");
  }

  /** The log does not grow with the mistakes of clients, however many there are. */
  @Test
  void badClientsLeaveNothingInTheLog() throws Exception {
    try (ServerProcess process = ServerProcess.launch(Map.of("ENGINE", engine, "PORT", "0"))) {
      int port = process.awaitReady();
      byte[] image = Pictures.encode(Pictures.corners(40, 20), "png");
      List<String> bad =
          List.of(
              "nonsense\r\n\r\n",
              "GET / HTTP/3.7\r\n\r\n",
              "GET / HTTP/1.1\r\nhost: x:y\r\n\r\n",
              "GET /" + "a".repeat(10_000) + " HTTP/1.1\r\n\r\n",
              "POST /thumbnail?width=9 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nz",
              "POST /thumbnail?width=9 HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\nz",
              "POST /thumbnail?width=9 HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc",
              "GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /health HTT");
      for (int round = 0; round < 5; round++) {
        for (String bytes : bad) {
          List<RawConnection> connections = new ArrayList<>();
          for (boolean isAborted : new boolean[] {true, false}) {
            RawConnection connection = new RawConnection(port);
            connection.send(bytes.getBytes(US_ASCII));
            if (isAborted) {
              connection.abort();
            } else {
              connections.add(connection);
            }
          }
          for (RawConnection connection : connections) {
            connection.close();
          }
        }
        try (RawConnection connection = new RawConnection(port)) {
          connection.upload("width=10", image);
          assertThat(connection.receive(true).status()).isEqualTo(200);
        }
      }
      process.sendSigterm();
      assertThat(process.remainingOutput()).isEmpty();
    }
  }
}
