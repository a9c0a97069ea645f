package dev.loopbridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much processor time the system gives this process. Any thread. */
final class ProcessorQuota {

  private static final Path CONTROL_GROUP = Path.of("/sys/fs/cgroup");

  private ProcessorQuota() {}

  /** Returns whether two threads can run at once, for as long as they like. */
  static boolean isTwoOrMore() {
    return isTwoOrMore(Runtime.getRuntime().availableProcessors(), CONTROL_GROUP);
  }

  /**
   * Reads the container's quota too, since the JVM rounds one and a half processors up to two.
   *
   * @param group the directory of the container's control group, of either version
   */
  static boolean isTwoOrMore(int processors, Path group) {
    Path v1 = group.resolve("cpu");
    String[] v2 = text(group.resolve("cpu.max")).split(" ");
    return processors > 1
        && !isLessThanTwo(v2[0], v2[v2.length - 1])
        && !isLessThanTwo(
            text(v1.resolve("cpu.cfs_quota_us")), text(v1.resolve("cpu.cfs_period_us")));
  }

  /** Returns false for a quota that is "max", negative, or cannot be read: there is none. */
  private static boolean isLessThanTwo(String quota, String period) {
    try {
      long micros = Long.parseLong(quota);
      return micros > 0 && micros < 2 * Long.parseLong(period);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).trim();
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }
}
