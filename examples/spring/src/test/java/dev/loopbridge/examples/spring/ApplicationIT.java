package dev.loopbridge.examples.spring;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The application's jar, run as it is deployed. */
class ApplicationIT {

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int ENDED_BY_SIGTERM = 128 + 15;

  /** A log line of a warning or an error, or the JVM's warning about native access. */
  private static final Pattern PROBLEM = Pattern.compile(" (WARN|ERROR) |restricted method");

  private final List<String> output = new ArrayList<>();

  @Test
  void finishesItsRequestsOnSigterm() throws Exception {
    Process application =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("application.jar"),
                "--server.port=0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader reader = application.inputReader()) {
      Matcher started = awaitLine(reader, ".*Netty started on port ([0-9]+).*");
      int port = Integer.parseInt(started.group(1));
      try (Socket twoCalls = connect(port);
          Socket oneCall = connect(port)) {
        send(twoCalls, "POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 7\r\n\r\nabc");
        awaitLine(reader, "a call added 3");
        send(oneCall, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
        awaitLine(reader, "slow began");
        application.toHandle().destroy();
        awaitLine(reader, ".*Commencing graceful shutdown.*");
        assertThat(answer(oneCall)).startsWith("HTTP/1.1 200").endsWith("slow");
        // No call is in flight at this moment, and the request has one to come.
        send(twoCalls, "defg");
        assertThat(answer(twoCalls)).startsWith("HTTP/1.1 200").endsWith("7");
      }
      reader.lines().forEach(output::add);
      assertThat(application.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(application.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(output).noneMatch(PROBLEM.asPredicate());
    } catch (Throwable e) {
      e.addSuppressed(new AssertionError("it printed " + String.join("\n", output)));
      throw e;
    } finally {
      application.destroyForcibly();
    }
  }

  private Matcher awaitLine(BufferedReader reader, String pattern) throws IOException {
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      output.add(line);
      Matcher matcher = Pattern.compile(pattern).matcher(line);
      if (matcher.matches()) {
        return matcher;
      }
    }
    throw new AssertionError("the application ended before it printed " + pattern);
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /**
   * Reads until the server closes the connection, which a graceful shutdown does after the answer.
   */
  private static String answer(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }
}
