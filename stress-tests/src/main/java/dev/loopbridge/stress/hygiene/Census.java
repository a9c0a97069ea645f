package dev.loopbridge.stress.hygiene;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The resources that this process has from the system.
 *
 * @param threads the system's threads
 * @param files open descriptors
 * @param directBytes memory of direct buffers
 */
record Census(long threads, long files, long directBytes) {

  private static final Path PROCESS = Path.of("/proc/self");
  private static final int KIB = 1024;

  static Census now() throws IOException {
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return new Census(count("task"), count("fd"), direct);
  }

  private static long count(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(PROCESS.resolve(directory))) {
      return entries.count();
    }
  }

  /** Returns the resident memory. */
  static long residentBytes() throws IOException {
    return Files.readAllLines(PROCESS.resolve("status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
        .findFirst()
        .orElseThrow();
  }

  /** Reads a census in the form that {@link #line} writes. */
  static Census parse(String text) {
    String[] numbers = text.split(" ");
    return new Census(
        Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
  }

  /** Writes the census in the form that {@link #parse} reads. */
  String line() {
    return threads + " " + files + " " + directBytes;
  }

  boolean within(Census most) {
    return threads <= most.threads && files <= most.files && directBytes <= most.directBytes;
  }
}
