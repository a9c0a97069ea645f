package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.loopbridge.RuntimeMetrics;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which request gets which answer, once for both engines. Any thread. */
final class Routes {

  /** The route that counts requests to none of the routes. */
  private static final String OTHER = "other";

  private static final String PAGE = page();

  /** The page contains all its parts, so the browser is forbidden to load others. */
  private static final Map<String, String> PAGE_HEADERS =
      Map.of(
          "content-security-policy",
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
              + " img-src blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'",
          "x-content-type-options",
          "nosniff",
          "cache-control",
          "no-cache");

  private final Thumbnails thumbnails;
  private final ThumbnailCache cache;
  private final Admission admission;
  private final Supplier<RuntimeMetrics> runtimeMetrics;
  private final HttpMetrics metrics = new HttpMetrics();

  Routes(
      Thumbnails thumbnails,
      ThumbnailCache cache,
      Admission admission,
      Supplier<RuntimeMetrics> runtimeMetrics) {
    this.thumbnails = thumbnails;
    this.cache = cache;
    this.admission = admission;
    this.runtimeMetrics = runtimeMetrics;
  }

  /** Counts a request that is refused before an engine has it; returns its answer. Any thread. */
  Answer refused(Refusal refusal) {
    metrics.begin();
    metrics.finish(OTHER, refusal.status(), 0);
    return Answer.refusal(refusal);
  }

  /**
   * Decides on a request by its head, and begins to count it. Memory for an image is claimed here,
   * before any of the image is read.
   *
   * @param method the HTTP method
   * @param uri path and query as sent
   * @param contentLength the value of {@code Content-Length}, null if there is none
   */
  Exchange open(String method, String uri, @Nullable String contentLength) {
    metrics.begin();
    QueryStringDecoder target = new QueryStringDecoder(uri);
    String route = OTHER;
    try {
      String path = target.path();
      switch (path) {
        case "/", "/health", "/metrics", "/thumbnail" -> route = path;
        default ->
            throw new Refusal(
                404, "not_found", "there is nothing at " + path + "; the page is at /");
      }
      String allowed = route.equals("/thumbnail") ? "POST" : "GET";
      boolean headOnly = allowed.equals("GET") && method.equals("HEAD");
      if (!method.equals(allowed) && !headOnly) {
        throw Refusal.methodNotAllowed(route, method, allowed);
      }
      if (route.equals("/thumbnail")) {
        ThumbnailRequest wanted = ThumbnailRequest.parse(target.parameters());
        Upload upload = new Upload(admission, acceptable(contentLength));
        return Exchange.thumbnail(this, route, wanted, upload);
      }
      return Exchange.answered(this, route, answer(route));
    } catch (Refusal refusal) {
      return Exchange.answered(this, route, Answer.refusal(refusal));
    } catch (IllegalArgumentException e) {
      Refusal refusal =
          new Refusal(400, "bad_url", "the URL cannot be decoded; expected %XX for odd characters");
      return Exchange.answered(this, route, Answer.refusal(refusal));
    }
  }

  Thumbnails thumbnails() {
    return thumbnails;
  }

  ThumbnailCache cache() {
    return cache;
  }

  Admission admission() {
    return admission;
  }

  HttpMetrics metrics() {
    return metrics;
  }

  private Answer answer(String route) {
    return switch (route) {
      case "/" -> Answer.text(200, "text/html; charset=utf-8", PAGE, PAGE_HEADERS);
      case "/health" -> Answer.json(200, "{\"status\":\"up\"}");
      default -> {
        PrometheusText text = new PrometheusText();
        metrics.writeTo(text);
        admission.writeTo(text);
        cache.writeTo(text);
        BridgeMetrics.write(runtimeMetrics.get(), text);
        yield Answer.text(200, PrometheusText.CONTENT_TYPE, text.toString(), Map.of());
      }
    };
  }

  /**
   * The declared length, -1 if there is none; a length over the limit is refused before the body
   * comes.
   */
  private static long acceptable(@Nullable String contentLength) {
    if (contentLength == null) {
      return -1;
    }
    // Both engines have checked that it is a number, of whatever size.
    boolean isHuge = contentLength.length() > 18;
    long length = isHuge ? Long.MAX_VALUE : Long.parseLong(contentLength);
    if (length > Upload.LIMIT) {
      throw Upload.tooLarge();
    }
    return length;
  }

  private static String page() {
    try (InputStream page = Routes.class.getResourceAsStream("page.html")) {
      return new String(page.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
