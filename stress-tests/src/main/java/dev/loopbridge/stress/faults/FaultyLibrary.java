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
 * The built-in library with its fault points, and the control of them. The points belong to the
 * library: one fault for all of its runtimes, except on this thread's loop.
 */
final class FaultyLibrary {

  private static final String NAME = "loopbridge_builtin";

  /** What the name of each point begins with, in the library's own file. */
  private static final byte[] MARK = "loopbridge-fault:".getBytes(StandardCharsets.US_ASCII);

  private static final String CARGO =
      "cargo build --release --locked --package loopbridge-builtin --features faults";

  private static final long SECONDS = 20;

  private final NativeLibrary library;
  private final OwnerLoop loop;
  private final NativeFunction<Void> arm;
  private final NativeFunction<Long> fired;

  /** Loads what {@link #build} has built. */
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

  /** Builds it from the sources, quickly rather than well; its file. */
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

  /** Whether the shipped library holds the name of any fault point. */
  static boolean isShippedFaulty() throws IOException {
    String resource = "/META-INF/native/linux-x86_64/" + System.mapLibraryName(NAME);
    try (InputStream shipped = FaultyLibrary.class.getResourceAsStream(resource)) {
      if (shipped == null) {
        throw new IllegalStateException("there is no resource " + resource);
      }
      return holdsPoints(shipped.readAllBytes());
    }
  }

  /** Whether a library's file holds the name of any fault point. */
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
   * @param oneIn it fires at one in so many passes
   * @param times and so many times at most
   */
  void arm(String fault, long seed, long oneIn, long times) throws Exception {
    arm.call(fault, seed, oneIn, times).toFuture(loop).get(SECONDS, TimeUnit.SECONDS);
  }

  void disarm(String fault) throws Exception {
    arm(fault, 0, 1, 0);
  }

  /** How often it has fired since it was armed. */
  long fired(String fault) throws Exception {
    return fired.call(fault).toFuture(loop).get(SECONDS, TimeUnit.SECONDS);
  }
}
