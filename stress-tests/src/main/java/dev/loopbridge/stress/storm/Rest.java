package dev.loopbridge.stress.storm;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.OnLoop;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Measures the processor time of threads that have no work. */
final class Rest {

  private static final Path TASKS = Path.of("/proc/self/task");

  private Rest() {}

  /**
   * Returns the nanoseconds of processor time in a window, of all threads whose names begin so and
   * of the loop's; -1 where the system does not report it.
   */
  static long used(String threads, OwnerLoop loop, Duration window) throws Exception {
    Long loopThread =
        OnLoop.call(loop, () -> Thread.currentThread().getId(), Duration.ofSeconds(10));
    long before = used(threads, loopThread);
    long end = System.nanoTime() + window.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    return before < 0 ? -1 : used(threads, loopThread) - before;
  }

  private static long used(String threads, long loopThread) throws IOException {
    if (!Files.isReadable(Path.of("/proc/self/schedstat"))) {
      return -1;
    }
    long sum = Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(loopThread));
    List<Path> tasks;
    try (Stream<Path> all = Files.list(TASKS)) {
      tasks = all.toList();
    }
    for (Path task : tasks) {
      try {
        if (Files.readString(task.resolve("comm")).startsWith(threads)) {
          String[] words = Files.readString(task.resolve("schedstat")).trim().split(" ");
          sum += Long.parseLong(words[0]);
        }
      } catch (IOException e) {
        // The thread has ended meanwhile.
      }
    }
    return sum;
  }
}
