package dev.loopbridge.stress.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The signal handling of this process, as the kernel and the JVM report it: ignored, caught and
 * blocked signals, and each handler.
 */
record Signals(List<String> lines) {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String HANDLERS = "Signal Handlers:";

  /** Returns the kernel's report, which is cheap. */
  static Signals ofKernel() throws IOException {
    List<String> lines = new ArrayList<>(masks(STATUS));
    lines.addAll(masks(Path.of("/proc/thread-self/status")));
    return new Signals(lines);
  }

  /** Returns the kernel's report and the JVM's report of each handler. */
  static Signals ofJvm() throws IOException, JMException {
    List<String> lines = new ArrayList<>(ofKernel().lines);
    Object[] none = {null};
    String info =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "vmInfo",
                    none,
                    new String[] {String[].class.getName()});
    List<String> handlers =
        info.lines()
            .dropWhile(line -> !line.startsWith(HANDLERS))
            .skip(1)
            .takeWhile(line -> line.trim().startsWith("SIG"))
            .toList();
    if (handlers.isEmpty()) {
      throw new IllegalStateException("the JVM reports no signal handlers");
    }
    lines.addAll(handlers);
    return new Signals(lines);
  }

  private static List<String> masks(Path status) throws IOException {
    return Files.readAllLines(status).stream()
        .filter(line -> line.matches("Sig(Blk|Ign|Cgt):.*"))
        .toList();
  }

  /** Returns the differences in {@code later}, if there are any. */
  Optional<String> change(Signals later) {
    List<String> changed = new ArrayList<>();
    for (int at = 0; at < Math.max(lines.size(), later.lines.size()); at++) {
      String here = at < lines.size() ? lines.get(at) : "nothing";
      String there = at < later.lines.size() ? later.lines.get(at) : "nothing";
      if (!here.equals(there)) {
        changed.add(here.trim() + " became " + there.trim());
      }
    }
    return changed.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", changed));
  }
}
