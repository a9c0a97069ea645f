package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import io.vertx.core.Vertx;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the code of the README's examples; {@link DocumentsTest} checks that the README shows that
 * code.
 */
class ReadmeTest {

  @TempDir private Path directory;

  private static byte[] picture() throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB), "png", png);
    return png.toByteArray();
  }

  @Test
  void theReactorExampleRuns() throws IOException {
    Path picture = Files.write(directory.resolve("picture.png"), picture());
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      ReactorExample.main(picture.toString(), picture.toString());
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .allMatch(line -> line.matches("\\d+ bytes"));
  }

  @Test
  void theVertxExampleRuns() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Vertx vertx = Vertx.vertx();
    try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("thumbnails"))) {
      vertx
          .deployVerticle(new VertxExample(runtime, port))
          .toCompletionStage()
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS);
      HttpResponse<byte[]> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                      .POST(HttpRequest.BodyPublishers.ofByteArray(picture()))
                      .build(),
                  HttpResponse.BodyHandlers.ofByteArray());
      assertThat(response.statusCode()).isEqualTo(200);
      BufferedImage thumbnail = ImageIO.read(new ByteArrayInputStream(response.body()));
      assertThat(thumbnail.getWidth()).isEqualTo(200);
      assertThat(thumbnail.getHeight()).isEqualTo(150);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }
}
