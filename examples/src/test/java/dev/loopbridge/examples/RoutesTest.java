package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.RuntimeMetrics;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page, the health check, the metrics, and targets that are none of the routes. */
class RoutesTest extends ServerContract {

  @Test
  void thePageNeedsNothingButItself() throws Exception {
    HttpResponse<byte[]> response = get("/");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(response.headers().firstValue("content-security-policy").orElseThrow())
        .contains("default-src 'none'", "connect-src 'self'");
    String page = text(response);
    assertThat(page).startsWith("<!doctype html>").contains("type=\"file\" multiple");
    assertThat(Pattern.compile("(src|href)=[\"']?(https?:)?//").matcher(page).find()).isFalse();
  }

  @Test
  void healthIsUp() throws Exception {
    HttpResponse<byte[]> response = get("/health");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(text(response)).isEqualTo("{\"status\":\"up\"}");
  }

  @Test
  void headAnswersLikeGetWithoutTheBody() throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      for (String path : List.of("/", "/health", "/metrics")) {
        connection.send("HEAD " + path + " HTTP/1.1", "host: x");
        RawConnection.Response response = connection.receive(false);
        assertThat(response.status()).isEqualTo(200);
        assertThat(Integer.parseInt(response.headers().get("content-length"))).isPositive();
      }
      assertThat(connection.get("/health").text()).isEqualTo("{\"status\":\"up\"}");
    }
  }

  @Test
  void metricsNameEveryCounterOfTheRuntime() throws Exception {
    post("?width=20", Pictures.encode(Pictures.corners(40, 20), "png"));
    String text = metricsText();
    List<String> counters =
        Arrays.stream(RuntimeMetrics.class.getDeclaredMethods())
            .filter(method -> method.getReturnType() == long.class)
            .map(Method::getName)
            .toList();
    assertThat(counters).contains("liveCalls", "blockingAbandoned");
    for (String counter : counters) {
      String snake = counter.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      assertThat(text).containsPattern("(?m)^loopbridge_" + snake + "(_total)? [0-9]+$");
    }
    // Two, since the rehearsal asked once.
    assertThat(text)
        .contains("\nloopbridge_calls_begun_total 2\n", "\nloopbridge_calls_finished_total 2\n")
        .contains(
            "http_request_duration_seconds_count{route=\"/thumbnail\",status=\"200\"} 2\n",
            "http_requests_in_progress 1\n")
        .containsPattern(
            "http_request_duration_seconds_sum\\{route=\"/thumbnail\",status=\"200\"} [0-9.E-]+\n");
  }

  @Test
  void metricsAreWellFormed() throws Exception {
    get("/nowhere");
    HttpResponse<byte[]> response = get("/metrics");
    assertThat(response.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    String name = "[a-z_]+";
    String labels = "(\\{route=\"[a-z/]+\",status=\"[0-9]+\"})?";
    Pattern line =
        Pattern.compile(
            ("# HELP %1$s .+|# TYPE %1$s (counter|gauge|summary)"
                    + "|%1$s%2$s [0-9]+(\\.[0-9]+)?(E-?[0-9]+)?")
                .formatted(name, labels));
    String text = text(response);
    assertThat(text).endsWith("\n");
    assertThat(Arrays.asList(text.split("\n"))).allSatisfy(l -> assertThat(l).matches(line));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nowhere, 404, not_found",
    "POST, /thumbnail/, 404, not_found",
    "GET, /thumbnail?width=10, 405, method_not_allowed",
    "PUT, /thumbnail?width=10, 405, method_not_allowed",
    "POST, /, 405, method_not_allowed",
    "DELETE, /health, 405, method_not_allowed",
    "OPTIONS, /metrics, 405, method_not_allowed",
    "GET, /%zz, 400, bad_url",
    "POST, /thumbnail?width=%zz, 400, bad_url",
  })
  void whatIsNoRouteIsRefused(String method, String target, int status, String code)
      throws Exception {
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(method + " " + target + " HTTP/1.1", "host: x", "content-length: 0");
      RawConnection.Response response = connection.receive(true);
      assertThat(response.status()).as(response.text()).isEqualTo(status);
      assertThat(response.text()).startsWith("{\"error\":\"" + code + "\",\"message\":\"");
      assertThat(response.headers().containsKey("allow")).isEqualTo(status == 405);
      assertThat(connection.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void aMessageWithOddCharactersIsStillJson() throws Exception {
    HttpResponse<byte[]> response =
        post("?width=1&format=%22%5C%0A%00%F0%9F%98%80%ED%A0%80", new byte[1]);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(text(response))
        .startsWith("{\"error\":\"bad_format\",\"message\":\"format is \\\"\\\"\\\\\\u000a\\u0000")
        .contains("\\ud83d\\ude00")
        .endsWith("expected auto, png, jpeg or webp\"}");
  }

  private String metricsText() throws IOException, InterruptedException {
    return text(get("/metrics"));
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }
}
