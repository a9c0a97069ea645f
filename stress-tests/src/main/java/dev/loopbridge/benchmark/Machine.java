package dev.loopbridge.benchmark;

import com.sun.management.ThreadMXBean;
import dev.loopbridge.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The resources that the machine and this process have used so far. */
final class Machine {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Path STAT = Path.of("/proc/stat");
  private static final long NANOS_PER_TICK = 10_000_000;

  /** The share of a slice that may go to processes that this one sees. */
  private static final double SHARE_OF_OTHERS = 0.1;

  /** The share of a slice that may go to whatever else the kernel counts, in ticks. */
  private static final double SHARE_OF_UNSEEN = 0.2;

  static {
    // It has the clocks of processes.
    NativeLibrary.load("benchmarks");
  }

  private Machine() {}

  /** Returns the CPU time of all threads of this process. */
  static long cpuNanos() {
    return HandWritten.cpuNanos(0);
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
   * What the rest of the machine has used so far.
   *
   * @param processes the CPU time of each other process that this one sees, by its id; the kernel
   *     counts it in nanoseconds
   * @param busyNanos the CPU time of everything on this machine and of other machines on the same
   *     hardware, which the kernel counts in ticks of 10 ms; 0 where the system does not report it
   */
  record Use(Map<Integer, Long> processes, long busyNanos) {

    /**
     * Returns whether too much of a slice of {@code wall} nanoseconds went to others.
     *
     * @param self the CPU time that this process took in the slice
     * @param children the CPU time that other processes took in the slice because they are measured
     */
    boolean wasDisturbed(Use before, long wall, long self, long children) {
      long others = -children;
      for (Map.Entry<Integer, Long> process : processes.entrySet()) {
        others += process.getValue() - before.processes.getOrDefault(process.getKey(), 0L);
      }
      long unseen = busyNanos - before.busyNanos - self - children;
      return others > SHARE_OF_OTHERS * wall
          // One tick at either end proves nothing.
          || unseen > SHARE_OF_UNSEEN * wall + 2 * NANOS_PER_TICK;
    }
  }

  static Use use() {
    Map<Integer, Long> processes = new HashMap<>();
    int self = (int) ProcessHandle.current().pid();
    String[] entries = new File("/proc").list();
    for (String entry : entries == null ? new String[0] : entries) {
      if (Character.isDigit(entry.charAt(0)) && Integer.parseInt(entry) != self) {
        processes.put(
            Integer.valueOf(entry), Math.max(0, HandWritten.cpuNanos(Integer.parseInt(entry))));
      }
    }
    return new Use(processes, busyNanos());
  }

  private static long busyNanos() {
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
