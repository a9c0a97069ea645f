package @PACKAGE@;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.reactor.ReactorBridge;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Calls the Rust functions. */
public final class Main {

  private Main() {}

  public static void main(String... arguments) {
    try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("@LIBRARY@"))) {
      @CLASS@ functions = new @CLASS@(runtime);
      Mono<String> greeting =
          functions
              .greet(new Guest("Ada", null), Duration.ofMillis(100))
              .as(ReactorBridge.mono());
      System.out.println(greeting.block());
    }
  }
}
