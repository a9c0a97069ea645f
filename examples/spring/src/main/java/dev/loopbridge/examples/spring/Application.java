package dev.loopbridge.examples.spring;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.reactor.ReactorBridge;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/**
 * A Spring Boot application that owns a native runtime: the runtime is a bean, which Spring closes
 * when its web server has finished its requests.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class Application {

  /** Spring calls {@link NativeRuntime#close()} when the context ends, after the web server. */
  @Bean
  NativeRuntime nativeRuntime() {
    return NativeRuntime.builder(NativeLibrary.load("loopbridge_builtin"))
        .closedByOwner(Duration.ofMinutes(1))
        .build();
  }

  /** Routes whose answers take time, in Rust or because the client sends slowly. */
  @RestController
  static final class Routes {

    private final NativeFunction<Void> sleep;
    private final NativeFunction<Long> add;

    Routes(NativeRuntime runtime) {
      sleep = runtime.function("sleep", Void.class, long.class);
      add = runtime.function("add", Long.class, long.class, long.class);
    }

    /** One call of two seconds. */
    @GetMapping("/slow")
    Mono<String> slow() {
      return sleep
          .call(2_000L)
          .as(ReactorBridge.mono())
          .doFirst(() -> System.out.println("slow began"))
          .thenReturn("slow");
    }

    /** A call for each part of the body, as it arrives; their sum is the length of the body. */
    @PostMapping("/length")
    Mono<String> length(ServerHttpRequest request) {
      return request
          .getBody()
          .map(Routes::lengthOf)
          .concatMap(length -> add.call(0L, length).as(ReactorBridge.mono()))
          .doOnNext(length -> System.out.println("a call added " + length))
          .reduce(Long::sum)
          .map(Object::toString);
    }

    private static long lengthOf(DataBuffer part) {
      int length = part.readableByteCount();
      DataBufferUtils.release(part);
      return length;
    }
  }

  /** Runs the application until the process gets SIGTERM. */
  public static void main(String[] arguments) {
    SpringApplication.run(Application.class, arguments);
  }
}
