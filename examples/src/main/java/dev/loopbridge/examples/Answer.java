package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;

/**
 * A whole HTTP response. Its holder owns the body: the engine gives it to its connection, which
 * releases it once written, or the engine releases it unsent.
 *
 * @param status the HTTP status code
 * @param contentType the value of {@code Content-Type}
 * @param body the bytes to send, owned by the answer
 * @param headers further headers
 */
record Answer(int status, String contentType, ByteBuf body, Map<String, String> headers) {

  private static final String JSON = "application/json";

  static Answer json(int status, String text) {
    return text(status, JSON, text, Map.of());
  }

  static Answer text(int status, String contentType, String text, Map<String, String> headers) {
    return new Answer(status, contentType, Unpooled.wrappedBuffer(text.getBytes(UTF_8)), headers);
  }

  /** The answer to a refused request. */
  static Answer refusal(Refusal refusal) {
    String body =
        "{\"error\":%s,\"message\":%s}"
            .formatted(quoted(refusal.code()), quoted(refusal.getMessage()));
    return text(refusal.status(), JSON, body, refusal.headers());
  }

  void release() {
    body.release();
  }

  /** The text as a JSON string. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        // Escapes let an unpaired surrogate survive UTF-8, and change nothing of a pair.
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
