package dev.loopbridge.benchmark;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resources that the machine and this process have used so far. */
final class Machine {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Path STAT = Path.of("/proc/stat");
  private static final long NANOS_PER_TICK = 10_000_000;

  /** The share of a slice that may go to other processes. */
  private static final double SHARE_OF_OTHERS = 0.2;

  private Machine() {}

  /** Returns the CPU time of all threads of this process. */
  static long cpuNanos() {
    return HandWritten.cpuNanos();
  }

  /** Returns the bytes that live threads have allocated. */
  static long allocatedBytes() {
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  /**
   * Returns the CPU time that all processes and other machines on the same hardware have used; 0
   * where the system does not report it.
   */
  static long busyNanos() {
    if (!Files.isReadable(STAT)) {
      return 0;
    }
    try (var lines = Files.lines(STAT)) {
      // cpu user nice system idle iowait irq softirq steal
      String[] ticks = lines.findFirst().orElse("").trim().split("\\s+");
      long busy = 0;
      for (int field = 1; field <= 8 && field < ticks.length; field++) {
        if (field != 4 && field != 5) {
          busy += Long.parseLong(ticks[field]);
        }
      }
      return busy * NANOS_PER_TICK;
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Returns whether other processes used too much of a slice of {@code wall} nanoseconds. The
   * kernel counts in ticks, so one tick at either end proves nothing.
   */
  static boolean wasDisturbed(long wall, long othersNanos) {
    return othersNanos > SHARE_OF_OTHERS * wall + 2 * NANOS_PER_TICK;
  }

  /** Returns the resident bytes of this process; 0 where the system does not report them. */
  static long residentBytes() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
