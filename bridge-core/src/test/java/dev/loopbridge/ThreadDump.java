package dev.loopbridge;

import java.io.IOException;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.management.JMException;
import javax.management.ObjectName;

/** The stacks of all threads, with the locks they hold and wait for. */
final class ThreadDump {

  private ThreadDump() {}

  static String text() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] deadlocked = threads.findDeadlockedThreads();
    StringBuilder text = new StringBuilder();
    text.append("deadlocked: ")
        .append(deadlocked == null ? "none by locks alone" : Arrays.toString(deadlocked))
        .append('\n');
    for (ThreadInfo thread : threads.dumpAllThreads(true, true)) {
      append(text, thread);
    }
    return text.append(virtualThreads()).toString();
  }

  private static void append(StringBuilder text, ThreadInfo thread) {
    text.append(
        "\n#%d %s %s"
            .formatted(thread.getThreadId(), thread.getThreadName(), thread.getThreadState()));
    if (thread.getLockName() != null) {
      text.append(" on ").append(thread.getLockName());
    }
    if (thread.getLockOwnerName() != null) {
      text.append(" held by #").append(thread.getLockOwnerId());
      text.append(' ').append(thread.getLockOwnerName());
    }
    text.append('\n');
    StackTraceElement[] stack = thread.getStackTrace();
    for (int depth = 0; depth < stack.length; depth++) {
      text.append("    at ").append(stack[depth]).append('\n');
      for (MonitorInfo monitor : thread.getLockedMonitors()) {
        if (monitor.getLockedStackDepth() == depth) {
          text.append("    - holds ").append(monitor).append('\n');
        }
      }
    }
    for (LockInfo lock : thread.getLockedSynchronizers()) {
      text.append("    - holds ").append(lock).append('\n');
    }
  }

  /** Virtual threads, of the JVMs that have them; the beans above do not list them. */
  private static String virtualThreads() {
    if (Runtime.version().feature() < 21) {
      return "";
    }
    try {
      Path file = Files.createTempDirectory("threads").resolve("dump");
      // By its name, since the JDK that this is compiled for has no such method.
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=HotSpotDiagnostic"),
              "dumpThreads",
              new Object[] {file.toString(), "TEXT_PLAIN"},
              new String[] {String.class.getName(), String.class.getName()});
      String dump = Files.readString(file);
      Files.delete(file);
      Files.delete(file.getParent());
      return "\nwith virtual threads:\n" + dump;
    } catch (JMException | IOException e) {
      return "\nno virtual threads: " + e;
    }
  }
}
