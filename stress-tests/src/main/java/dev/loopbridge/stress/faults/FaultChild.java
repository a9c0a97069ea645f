package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.ThreadLoop;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The main class of the JVMs whose faults are all of a JVM's: its end, its memory, its files. Each
 * prints what it tried, or what was wrong.
 */
final class FaultChild {

  static final String TRIED = "tried ";
  static final String WRONG = "wrong ";
  static final int EXIT_CODE = 7;

  private static final int CALLS = 40;
  private static final int MOST_FILES = 10_000;

  private FaultChild() {}

  /** Takes the name of what to do, a seed, and how often. */
  public static void main(String... arguments) throws Exception {
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]));
    long times = Long.parseLong(arguments[2]);
    ThreadLoop loop = new ThreadLoop("child");
    NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
    NativeRuntime runtime = NativeRuntime.builder(library).workerThreads(2).build();
    Scene scene = new Scene(runtime);
    List<OwnerLoop> loops = List.of(loop);
    switch (arguments[0]) {
      case "exit" -> exit(scene, loop, random);
      case "safepoints" -> rounds(scene, loops, random, times);
      case "files" -> files(library, scene, loops, random);
      case "heap" -> heap(scene, loops, random, times);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    scene.close(loop);
    if (scene.verdict() != null) {
      System.out.println(WRONG + scene.verdict().text());
    }
    System.out.println(TRIED + scene.settled());
    System.exit(0);
  }

  /** A callback ends the JVM, with calls of every kind under way. */
  private static void exit(Scene scene, OwnerLoop loop, SplittableRandom random) {
    Told last = new Told("add", value -> true, error -> true);
    last.then(
        () -> {
          System.out.println(TRIED + 1);
          System.exit(EXIT_CODE);
        });
    for (int i = 0; i < CALLS; i++) {
      Work.any(random).start(scene, loop, random);
    }
    scene.start(Fn.ADD.call(scene.runtime(), 1L, 1L), loop, last);
    scene.await(() -> false);
  }

  private static void rounds(
      Scene scene, List<OwnerLoop> loops, SplittableRandom random, long times) {
    for (long i = 0; i < times && scene.verdict() == null; i++) {
      scene.round(loops, CALLS, false, random);
    }
  }

  /** Calls, and the opening of runtimes, while the process may open no file. */
  private static void files(
      NativeLibrary library, Scene scene, List<OwnerLoop> loops, SplittableRandom random)
      throws IOException {
    // The classes that it takes are files too, on a class path of directories.
    scene.isUsable(loops, random);
    another(library, scene, loops, random);
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
    scene.isUsable(loops, random);
    another(library, scene, loops, random);
    for (InputStream each : open) {
      each.close();
    }
    scene.isUsable(loops, random);
  }

  /** Opens one more runtime, which may be refused. */
  private static void another(
      NativeLibrary library, Scene scene, List<OwnerLoop> loops, SplittableRandom random) {
    try {
      NativeRuntime another = NativeRuntime.builder(library).workerThreads(1).build();
      Scene opened = new Scene(another);
      opened.round(loops, CALLS, false, random);
      opened.close(loops.get(0));
      if (opened.verdict() != null) {
        scene.wrong(opened.verdict().text());
      }
    } catch (RuntimeException | Error e) {
      // A class of the error's own that cannot be read is the lack of files again.
      if (!(e instanceof LinkageError) && !Told.isTyped(e)) {
        scene.wrong("without files a runtime is refused by " + e);
      }
    }
  }

  /** Calls while the heap is full, or nearly so. */
  private static void heap(
      Scene scene, List<OwnerLoop> loops, SplittableRandom random, long times) {
    for (long i = 0; i < times && scene.verdict() == null; i++) {
      List<byte[]> hog = new ArrayList<>();
      for (int size = 1 << 20; size >= 1 << 10; size >>= 1) {
        try {
          while (true) {
            hog.add(new byte[size]);
          }
        } catch (OutOfMemoryError e) {
          // Smaller ones still fit.
        }
      }
      int room = random.nextInt(hog.size() / 4);
      for (int freed = 0; freed < room; freed++) {
        hog.set(random.nextInt(hog.size()), null);
      }
      for (int call = 0; call < CALLS; call++) {
        try {
          // Of a large array, which may not fit.
          Object none = null;
          scene.start(
              Fn.MAKE_BYTES.call(scene.runtime(), (long) random.nextInt(200_000)),
              loops.get(0),
              new Told("makeBytes", value -> value != none, error -> false));
        } catch (OutOfMemoryError e) {
          break; // of this scene's own objects
        }
      }
      hog.clear();
      scene.awaitSettled(true);
    }
    scene.isUsable(loops, random);
  }
}
