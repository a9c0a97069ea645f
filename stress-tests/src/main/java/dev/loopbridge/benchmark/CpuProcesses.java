package dev.loopbridge.benchmark;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An arm that computes the parts of {@link CpuLoop} in a pool of processes: each is a JVM that gets
 * a range of parts by a line of text and answers with their sum.
 */
final class CpuProcesses implements Arm, AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ANSWER = "sum";

  /** The ranges that a process works on for one computation: so many keep all of them busy. */
  private static final int RANGES_EACH = 4;

  private final Path directory = Files.createTempDirectory("parts");
  private final List<Child> children = new ArrayList<>();

  CpuProcesses(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      children.add(
          Child.start(
              directory, ChildJvm.command(List.of("-XX:+UseSerialGC"), CpuProcesses.class)));
    }
  }

  /** The main method of a child: answers until its input ends. */
  public static void main(String... arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = lines.readLine()) != null) {
      String[] range = line.split(" ");
      long sum = CpuLoop.sum(Integer.parseInt(range[0]), Integer.parseInt(range[1]));
      System.out.println(ANSWER + " " + sum);
    }
  }

  @Override
  public String name() {
    return CpuLoop.PROCESSES;
  }

  @Override
  public long childrenCpuNanos() {
    return children.stream()
        .mapToLong(child -> Math.max(0, HandWritten.cpuNanos((int) child.pid())))
        .sum();
  }

  @Override
  public long run(long nanos) throws Exception {
    long deadline = System.nanoTime() + nanos;
    long operations = 0;
    do {
      CpuLoop.check(name(), compute());
      operations++;
    } while (System.nanoTime() < deadline);
    return operations;
  }

  private long compute() throws IOException, InterruptedException {
    int ranges = RANGES_EACH * children.size();
    for (int range = 0; range < ranges; range++) {
      int first = CpuLoop.PARTS * range / ranges;
      int end = CpuLoop.PARTS * (range + 1) / ranges;
      children.get(range % children.size()).send(first + " " + end);
    }
    long sum = 0;
    for (int range = 0; range < ranges; range++) {
      Child child = children.get(range % children.size());
      sum +=
          Long.parseLong(
              child
                  .answer(ANSWER, PATIENCE)
                  .orElseThrow(() -> new IllegalStateException(child + " does not answer"))
                  .trim());
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    for (Child child : children) {
      child.close();
    }
    Neighbour.deleteIfEmpty(directory);
  }
}
