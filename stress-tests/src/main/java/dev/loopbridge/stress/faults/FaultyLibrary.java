package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.stress.Checkout;
import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.MissingToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The built-in library with its fault points, and their control. The points belong to the library:
 * an armed fault is for all of its runtimes, except on this thread's loop.
 */
final class FaultyLibrary {

  private static final String NAME = "loopbridge_builtin";

  /** The prefix of each point's name in the library's file. */
  private static final byte[] MARK = "loopbridge-fault:".getBytes(StandardCharsets.US_ASCII);

  private static final String CARGO =
      "cargo build --release --locked --package loopbridge-builtin --features faults";

  private static final long SECONDS = 20;

  private final NativeLibrary library;
  private final OwnerLoop loop;
  private final NativeFunction<Void> arm;
  private final NativeFunction<Long> fired;

  /** Loads the library that {@link #build} has built. */
  FaultyLibrary(Path file, OwnerLoop loop) {
    System.setProperty("loopbridge.library." + NAME, file.toString());
    this.library = NativeLibrary.load(NAME);
    this.loop = loop;
    NativeRuntime runtime =
        NativeRuntime.builder(library).workerThreads(1).threadName("faults").build();
    this.arm =
        runtime.function("faultsArm", Void.class, String.class, long.class, long.class, long.class);
    this.fired = runtime.function("faultsFired", Long.class, String.class);
  }

  /** Builds the library from the sources, without optimisation; returns its file. */
  static Path build(Checkout checkout)
      throws IOException, InterruptedException, MissingToolException {
    Path target = checkout.executor().resolve("target/faults");
    Command.Ended built =
        Command.of(List.of(CARGO.split(" ")))
            .in(checkout.executor())
            .with("CARGO_TARGET_DIR", target.toString())
            .with("CARGO_PROFILE_RELEASE_LTO", "off")
            .with("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .with("CARGO_PROFILE_RELEASE_DEBUG", "none")
            .run();
    if (!built.ok()) {
      throw new IllegalStateException(
          "the library with its faults does not build:\n" + built.tail());
    }
    return target.resolve("release").resolve(System.mapLibraryName(NAME));
  }

  /** Returns whether the shipped library contains the name of any fault point. */
  static boolean isShippedFaulty() throws IOException {
    String resource = "/META-INF/native/linux-x86_64/" + System.mapLibraryName(NAME);
    try (InputStream shipped = FaultyLibrary.class.getResourceAsStream(resource)) {
      if (shipped == null) {
        throw new IllegalStateException("there is no resource " + resource);
      }
      return holdsPoints(shipped.readAllBytes());
    }
  }

  /** Returns whether a library's file contains the name of any fault point. */
  static boolean isFaulty(Path file) throws IOException {
    return holdsPoints(Files.readAllBytes(file));
  }

  private static boolean holdsPoints(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    return text.contains(new String(MARK, StandardCharsets.ISO_8859_1));
  }

  NativeLibrary library() {
    return library;
  }

  /**
   * Arms a fault.
   *
   * @param oneIn the fault happens at one in so many passes
   * @param times how often the fault happens at most
   */
  void arm(String fault, long seed, long oneIn, long times) throws Exception {
    arm.call(fault, seed, oneIn, times).toFuture(loop).get(SECONDS, TimeUnit.SECONDS);
  }

  void disarm(String fault) throws Exception {
    arm(fault, 0, 1, 0);
  }

  /** Returns how often the fault has happened since it was armed. */
  long fired(String fault) throws Exception {
    return fired.call(fault).toFuture(loop).get(SECONDS, TimeUnit.SECONDS);
  }
}
