package dev.loopbridge.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@Tag("slow")
class WebServerTest {

  private static final byte[] NO_PICTURE = "not a picture".getBytes(UTF_8);

  @Test
  void measuresEveryRoute() throws Exception {
    assumeTrue(Wrk.find().isPresent(), "wrk is not on the PATH");
    inChildJvm(WebServerTrial.MEASURE);
  }

  @Test
  void bothRoutesMakeTheSameThumbnail() throws Exception {
    inChildJvm(WebServerTrial.THUMBNAILS);
  }

  private static void inChildJvm(String trial) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WebServerTrial.class.getName(),
                trial)
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(child.getInputStream().readAllBytes(), UTF_8);
      assertThat(child.waitFor()).as(output).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  @Nested
  class Routes {

    private Ground ground;
    private NativeRuntime thumbnails;
    private WebRoutes routes;

    @BeforeEach
    void open() throws Exception {
      ground = new Ground();
      thumbnails = NativeRuntime.create(NativeLibrary.load("thumbnails"));
      routes = WebServerTrial.deploy(ground, thumbnails, NO_PICTURE);
    }

    @AfterEach
    void close() {
      thumbnails.close();
      ground.close();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          WebRoutes.NATIVE_ADD,
          WebRoutes.JAVA_ADD,
          WebRoutes.JAVA_ADD_LATER,
          WebRoutes.JAVA_ADD_ELSEWHERE
        })
    void answerTheSum(String route) throws Exception {
      HttpResponse<byte[]> answer = WebServerTrial.get(routes, route);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).asString().isEqualTo("42");
      assertThat(routes.failure()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {WebRoutes.NATIVE_THUMBNAIL, WebRoutes.JAVA_THUMBNAIL})
    void answerAFailureBy500(String route) throws Exception {
      HttpResponse<byte[]> answer = WebServerTrial.get(routes, route);
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).asString().contains("not ");
      assertThat(routes.failure()).hasMessage(new String(answer.body(), UTF_8));
    }

    @Test
    void answerAClosedRuntimeBy500() throws Exception {
      ground.runtime.close();
      HttpResponse<byte[]> answer = WebServerTrial.get(routes, WebRoutes.NATIVE_ADD);
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).asString().contains("closed");
      assertThat(WebServerTrial.get(routes, WebRoutes.JAVA_ADD).statusCode()).isEqualTo(200);
    }
  }
}
