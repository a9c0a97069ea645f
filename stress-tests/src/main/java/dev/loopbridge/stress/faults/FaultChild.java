package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Settlement;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.kit.Work;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The main class of JVMs whose fault concerns the whole JVM: its end, its memory, its files. */
final class FaultChild {

  static final int EXIT_CODE = 7;

  private static final int CALLS = 40;
  private static final int MOST_FILES = 10_000;

  private FaultChild() {}

  /** Takes a trial's arguments, the name of the fault, and how often it is to happen. */
  public static void main(String... arguments) throws Exception {
    List<String> rest = new ArrayList<>(List.of(arguments));
    Trial trial = Trial.inChild(rest);
    String name = rest.get(0);
    long times = Long.parseLong(rest.get(1));
    SplittableRandom random = trial.random(name);
    ThreadLoop loop = new ThreadLoop("child");
    NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
    NativeRuntime runtime = NativeRuntime.builder(library).workerThreads(2).build();
    Driver driver = new Driver(runtime);
    List<OwnerLoop> loops = List.of(loop);
    switch (name) {
      case "exit" -> exit(trial, driver, loop, random);
      case "safepoints" -> rounds(driver, loops, random, times);
      case "files" -> files(library, driver, loops, random);
      case "heap" -> heap(driver, loops, random, times);
      default -> throw new IllegalArgumentException(name);
    }
    driver.close(loop);
    if (driver.verdict() != null) {
      trial.violated(Invariant.I12, driver.verdict().text(), name);
    }
    tried(trial, driver.settled());
    System.exit(0);
  }

  private static void tried(Trial trial, long calls) {
    trial.ran(Invariant.I3, "calls of JVMs with a fault", calls);
  }

  /** A callback ends the JVM, with calls of every kind under way. */
  private static void exit(Trial trial, Driver driver, OwnerLoop loop, SplittableRandom random) {
    for (int i = 0; i < CALLS; i++) {
      driver.start(Work.plain(random), loop, random);
    }
    driver.start(
        Known.equal(Fn.ADD.call(driver.runtime(), 1L, 1L), 2L),
        loop,
        () -> {
          tried(trial, 1);
          System.exit(EXIT_CODE);
        });
    driver.await(() -> false);
  }

  private static void rounds(
      Driver driver, List<OwnerLoop> loops, SplittableRandom random, long times) {
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      driver.round(loops, CALLS, false, random);
    }
  }

  /** Makes calls and opens runtimes while the process may open no file. */
  private static void files(
      NativeLibrary library, Driver driver, List<OwnerLoop> loops, SplittableRandom random)
      throws IOException {
    // On a class path of directories the classes in use are files too.
    driver.isUsable(loops, random);
    another(library, driver, loops, random);
    List<InputStream> open = new ArrayList<>();
    boolean full = false;
    while (!full && open.size() < MOST_FILES) {
      try {
        open.add(new FileInputStream("/dev/null"));
      } catch (IOException e) {
        full = true;
      }
    }
    if (!full) {
      throw new IllegalStateException("there is no end of files");
    }
    driver.isUsable(loops, random);
    another(library, driver, loops, random);
    for (InputStream each : open) {
      each.close();
    }
    driver.isUsable(loops, random);
  }

  /** Opens one more runtime; this may be refused. */
  private static void another(
      NativeLibrary library, Driver driver, List<OwnerLoop> loops, SplittableRandom random) {
    try {
      NativeRuntime another = NativeRuntime.builder(library).workerThreads(1).build();
      Driver opened = new Driver(another);
      opened.round(loops, CALLS, false, random);
      opened.close(loops.get(0));
      driver.include(opened);
    } catch (RuntimeException | Error e) {
      // If the error's own class cannot be read, that is for lack of files too.
      if (!(e instanceof LinkageError) && !Settlement.isTyped(e)) {
        driver.wrong("without files a runtime is refused by " + e);
      }
    }
  }

  /** Makes calls while the heap is full or nearly full. */
  private static void heap(
      Driver driver, List<OwnerLoop> loops, SplittableRandom random, long times) {
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      List<byte[]> hog = new ArrayList<>();
      for (int size = 1 << 20; size >= 1 << 10; size >>= 1) {
        try {
          while (true) {
            hog.add(new byte[size]);
          }
        } catch (OutOfMemoryError e) {
          // Smaller arrays still fit.
        }
      }
      int room = random.nextInt(hog.size() / 4);
      for (int freed = 0; freed < room; freed++) {
        hog.set(random.nextInt(hog.size()), null);
      }
      for (int call = 0; call < CALLS; call++) {
        try {
          // The call returns a large array, which may not fit.
          driver.start(
              Known.value(
                  Fn.MAKE_BYTES.call(driver.runtime(), (long) random.nextInt(200_000)),
                  value -> value != null),
              loops.get(0));
        } catch (OutOfMemoryError e) {
          break; // the scene's own objects do not fit
        }
      }
      hog.clear();
      driver.awaitSettled(true);
    }
    driver.isUsable(loops, random);
  }
}
