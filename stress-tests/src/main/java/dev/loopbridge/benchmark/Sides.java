package dev.loopbridge.benchmark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The use of the processors by the threads of this process, as the kernel counts it in nanoseconds:
 * by the loops' threads on one side, and on the other by the threads that work for loops, native or
 * Java's. The threads of the JVM itself and those of the harness are on neither side.
 *
 * @param loops the CPU time of the loops' threads
 * @param workers the CPU time of the other side
 * @param delay how long the threads of both sides waited for a processor
 */
record Sides(long loops, long workers, long delay) {

  private static final Path THREADS = Path.of("/proc/self/task");

  // The kernel keeps 15 letters of a thread's name.
  private static final List<String> LOOPS = List.of("vert.x-eventloo", "multiThreadIoEv");

  private static final List<String> WORKERS =
      List.of("loopbridge", "tokio", "ForkJoinPool", "pool-", "vert.x-worker", "rust-", "Thread-");

  static boolean areKnown() {
    return Files.isReadable(THREADS.resolve(String.valueOf(ProcessHandle.current().pid())));
  }

  /** Returns the use since the threads started; all is 0 where the system does not report it. */
  static Sides now() throws IOException {
    long loops = 0;
    long workers = 0;
    long delay = 0;
    if (!areKnown()) {
      return new Sides(0, 0, 0);
    }
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        String name;
        String[] figures;
        try {
          name = Files.readString(thread.resolve("comm"));
          // Nanoseconds on a processor, nanoseconds waiting for one, how often it was given one.
          figures = Files.readString(thread.resolve("schedstat")).trim().split(" ");
        } catch (IOException e) {
          continue; // the thread has ended meanwhile
        }
        long cpu = Long.parseLong(figures[0]);
        if (LOOPS.stream().anyMatch(name::startsWith)) {
          loops += cpu;
        } else if (WORKERS.stream().anyMatch(name::startsWith)) {
          workers += cpu;
        } else {
          continue;
        }
        delay += Long.parseLong(figures[1]);
      }
    }
    return new Sides(loops, workers, delay);
  }

  Sides since(Sides before) {
    return new Sides(loops - before.loops, workers - before.workers, delay - before.delay);
  }
}
