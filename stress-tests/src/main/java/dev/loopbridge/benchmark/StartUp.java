package dev.loopbridge.benchmark;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.kit.ChildJvm;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures the first call of a process: loading the library, starting a runtime of two workers, and
 * the call itself, each time in a JVM of its own in which a Netty loop runs already.
 */
final class StartUp {

  private static final String RESOURCE = "META-INF/native/linux-x86_64/libbenchmarks.so";

  private StartUp() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<String> arms = new ArrayList<>();
    arms.add(Targets.BRIDGE);
    if (resource() != null) {
      arms.add(RoundTrips.NAIVE);
    } else {
      notes.accept("start-up: the hand-written arm is skipped, it only knows linux-x86_64");
    }
    int rounds = harness.effort().rounds();
    Map<String, double[][]> steps = new LinkedHashMap<>();
    arms.forEach(arm -> steps.put(arm, new double[4][rounds]));
    for (int round = 0; round < rounds; round++) {
      for (String arm : arms) {
        double[] measured = ChildJvm.run(List.of(), StartUp.class, arm);
        for (int step = 0; step < measured.length; step++) {
          steps.get(arm)[step + 1][round] = measured[step];
          steps.get(arm)[0][round] += measured[step];
        }
      }
    }
    List<Table.Row> rows = new ArrayList<>();
    steps.forEach(
        (arm, nanos) -> {
          Map<String, double[]> metrics = new LinkedHashMap<>();
          metrics.put("totalNs", nanos[0]);
          metrics.put("libraryNs", nanos[1]);
          metrics.put("runtimeNs", nanos[2]);
          metrics.put("first callNs", nanos[3]);
          rows.add(new Table.Row(arm, metrics));
        });
    return List.of(
        new Table(
            "startup",
            "Start-up: library, runtime of 2 workers, first call",
            "totalNs",
            true,
            arms.get(arms.size() - 1),
            rows));
  }

  /** The main method of the child: prints the nanoseconds of the three steps. */
  public static void main(String... arguments) throws Exception {
    EventExecutor loop = new DefaultEventExecutor();
    loop.submit(() -> {}).get();
    long start = System.nanoTime();
    long loaded;
    long opened;
    long called;
    if (arguments[0].equals(Targets.BRIDGE)) {
      NativeLibrary library = NativeLibrary.load("benchmarks");
      loaded = System.nanoTime();
      NativeRuntime runtime = NativeRuntime.builder(library).workerThreads(Ground.WORKERS).build();
      opened = System.nanoTime();
      Trips.add(runtime).toFuture(NettyLoop.of(loop)).get();
      called = System.nanoTime();
    } else {
      System.load(extract().toString());
      loaded = System.nanoTime();
      HandWritten.open(Ground.WORKERS);
      opened = System.nanoTime();
      HandWritten.callAdd(1, 2).thenApplyAsync(sum -> sum, loop).get();
      called = System.nanoTime();
    }
    System.out.println((loaded - start) + " " + (opened - loaded) + " " + (called - opened));
    System.exit(0);
  }

  private static InputStream resource() {
    return StartUp.class.getClassLoader().getResourceAsStream(RESOURCE);
  }

  private static Path extract() throws IOException {
    Path file = Files.createTempFile("benchmarks", ".so");
    file.toFile().deleteOnExit();
    try (InputStream resource = resource()) {
      Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }
}
