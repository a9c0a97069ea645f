package dev.loopbridge.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Sends the server one request of each kind before it is announced as ready: the first client need
 * not wait for the JVM to load its classes, and a server that is ready has made a thumbnail.
 */
final class Rehearsal {

  private static final int TIMEOUT_MILLIS = 30_000;

  /** One grey pixel. */
  private static final byte[] PNG =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5E"
                  + "rkJggg==");

  private Rehearsal() {}

  /**
   * Blocks until all requests are answered.
   *
   * @throws IllegalStateException if the server fails to answer
   */
  static void of(InetSocketAddress server) {
    ask(server, "/", null);
    ask(server, "/metrics", null);
    ask(server, "/thumbnail?width=1", PNG);
    ask(server, "/health", null);
  }

  private static void ask(InetSocketAddress server, String target, byte @Nullable [] body) {
    try {
      URI uri = URI.create("http://" + Settings.text(server) + target);
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
      connection.setRequestProperty("connection", "close"); // no idle connection stays behind
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      if (body != null) {
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      // Throws if the answer is an error.
      try (InputStream answer = connection.getInputStream()) {
        answer.readAllBytes();
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server does not answer " + target, e);
    }
  }
}
