package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * The part of {@link WebServerTest} that runs in a child JVM, since it needs the JDK's JPEG codec:
 * {@code -Xcheck:jni} complains of the codec's many local references.
 */
final class WebServerTrial {

  static final String THUMBNAILS = "thumbnails";
  static final String MEASURE = "measure";

  private WebServerTrial() {}

  /** Exits with 0 if everything is right. */
  public static void main(String... arguments) {
    try {
      switch (arguments[0]) {
        case THUMBNAILS -> bothRoutesMakeTheSameThumbnail();
        case MEASURE -> everyRouteIsMeasured();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
      System.exit(0);
    } catch (Throwable e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static void bothRoutesMakeTheSameThumbnail() throws Exception {
    try (Ground ground = new Ground();
        NativeRuntime thumbnails = NativeRuntime.create(NativeLibrary.load("thumbnails"))) {
      WebRoutes routes = deploy(ground, thumbnails, Picture.jpeg());
      for (String route : List.of(WebRoutes.NATIVE_THUMBNAIL, WebRoutes.JAVA_THUMBNAIL)) {
        HttpResponse<byte[]> answer = get(routes, route);
        assertThat(answer.statusCode()).isEqualTo(200);
        var picture = ImageIO.read(new ByteArrayInputStream(answer.body()));
        assertThat(picture.getWidth()).isEqualTo(200);
        assertThat(picture.getHeight()).isEqualTo(150);
        // The middle of the gradient, with some noise.
        assertThat(picture.getRGB(100, 75) & 0xFF).isBetween(108, 148);
      }
      assertThat(routes.failure()).isNull();
    }
  }

  private static void everyRouteIsMeasured() throws Exception {
    List<String> notes = new ArrayList<>();
    List<Table> tables = WebServer.measure(Effort.TRIAL, notes::add);
    assertThat(notes).isEmpty();
    assertThat(tables).extracting(Table::id).containsExactly("web-trivial", "web-thumbnails");
    assertThat(tables)
        .extracting(Table::baseline)
        .containsExactly("Java route", "Java ImageIO on workers");
    for (Table table : tables) {
      assertThat(table.rows()).hasSizeGreaterThanOrEqualTo(2);
      assertThat(table.hasArm("native route")).isTrue();
      assertThat(table.hasArm(table.baseline())).isTrue();
      for (Table.Row row : table.rows()) {
        assertThat(row.metrics()).containsOnlyKeys("requestsPerSecond", "p99Ns", "cpuNs");
        assertThat(row.metrics().values()).allSatisfy(values -> assertThat(values).hasSize(1));
        assertThat(row.median("requestsPerSecond")).isBetween(1.0, 1e6);
        assertThat(row.median("p99Ns")).isBetween(1e3, 10e9);
        assertThat(row.median("cpuNs")).isBetween(1e2, 10e9);
      }
    }
  }

  static WebRoutes deploy(Ground ground, NativeRuntime thumbnails, byte[] picture)
      throws Exception {
    WebRoutes routes = new WebRoutes(ground.runtime, thumbnails, picture);
    ground.vertx.deployVerticle(routes).toCompletionStage().toCompletableFuture().get(60, SECONDS);
    return routes;
  }

  static HttpResponse<byte[]> get(WebRoutes routes, String route) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(routes.url(route))).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
  }
}
