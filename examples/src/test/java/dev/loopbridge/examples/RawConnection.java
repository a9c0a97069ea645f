package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** An HTTP/1.1 connection on which a test can do what a well-behaved client does not. */
final class RawConnection implements Closeable {

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int TRICKLE_MILLIS = 20;

  private final Socket socket;
  private final InputStream in;

  /** A response; header names in lower case. */
  record Response(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, UTF_8);
    }
  }

  RawConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  RawConnection send(String... lines) throws IOException {
    return send((String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1));
  }

  RawConnection send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends a whole upload and leaves the answer unread. */
  RawConnection upload(String query, byte[] image) throws IOException {
    send("POST /thumbnail?" + query + " HTTP/1.1", "host: x", "content-length: " + image.length);
    return send(image);
  }

  /** Begins an upload of this length, and sends none of it. */
  RawConnection announce(int length, String... headers) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("POST /thumbnail?width=10 HTTP/1.1");
    lines.add("host: x");
    lines.add("content-length: " + length);
    lines.addAll(List.of(headers));
    return send(lines.toArray(String[]::new));
  }

  /** Sends the beginning of a request, and then a byte now and then, until the connection ends. */
  RawConnection trickle(String beginning) throws IOException {
    send(beginning.getBytes(ISO_8859_1));
    Thread slow =
        new Thread(
            () -> {
              try {
                while (true) {
                  Thread.sleep(TRICKLE_MILLIS);
                  send(new byte[] {'1'});
                }
              } catch (IOException | InterruptedException e) {
                // The connection has ended.
              }
            });
    slow.setDaemon(true);
    slow.start();
    return this;
  }

  Response get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1", "host: x").receive(true);
  }

  /**
   * Reads one response.
   *
   * @param hasBody false for the answer to HEAD, which announces a body and sends none
   */
  Response receive(boolean hasBody) throws IOException {
    int status = Integer.parseInt(line().split(" ")[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] parts = line.split(": *", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    int length = hasBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
    return new Response(status, headers, in.readNBytes(length));
  }

  /** The rest of what the server sends, until it closes the connection. */
  byte[] receiveToEnd() throws IOException {
    return in.readAllBytes();
  }

  /** Whether some of an answer has arrived; does not wait. */
  boolean hasAnswer() throws IOException {
    return in.available() > 0;
  }

  /** Whether the server has closed the connection; waits until it has or has sent something. */
  boolean isClosedByServer() throws IOException {
    return in.read() < 0;
  }

  /** Closes the connection abruptly: the system resets it. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after \"" + line + "\"");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
