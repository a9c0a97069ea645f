package dev.loopbridge.examples;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.reactor.ReactorBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Flux;

/** The README's example for Reactor: prints the size of the thumbnail of each file named. */
public final class ReactorExample {

  private ReactorExample() {}

  /** Runs the example. */
  public static void main(String... files) {
    try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("thumbnails"))) {
      NativeFunction<byte[]> thumbnail =
          runtime.function(
              "thumbnail", byte[].class, byte[].class, int.class, Integer.class, String.class);
      Flux<Integer> sizes =
          Flux.fromArray(files)
              .map(Path::of)
              .flatMap(
                  file ->
                      thumbnail
                          .call(read(file), 200, null, "png") // describes the call
                          .as(ReactorBridge.mono()) // starts it when subscribed
                          .timeout(Duration.ofSeconds(10))) // a timeout drops the Rust work
              .map(png -> png.length);
      sizes.doOnNext(size -> System.out.println(size + " bytes")).blockLast();
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
