package dev.loopbridge.stress;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs a suite in a JVM of its own, and takes the stacks of that JVM if it hangs. */
final class SuiteProcess {

  private static final Duration PATIENCE_AFTER_HANG = Duration.ofSeconds(30);
  private static final Duration PATIENCE_AFTER_END = Duration.ofSeconds(5);

  private final Suite suite;
  private final Duration limit;
  private final boolean stopsAtFirst;
  private final Order order;
  private final Path jdk;
  private final SuiteResult result;
  private final Consumer<String> progress;
  private final CountDownLatch hung = new CountDownLatch(1);
  private final CountDownLatch found = new CountDownLatch(1);
  private volatile boolean ended;
  private String counters = "";
  private boolean done;

  private SuiteProcess(
      Suite suite,
      Duration limit,
      boolean stopsAtFirst,
      Order order,
      Path jdk,
      Consumer<String> progress) {
    this.suite = suite;
    this.limit = limit;
    this.stopsAtFirst = stopsAtFirst;
    this.order = order;
    this.jdk = jdk;
    this.progress = progress;
    this.result = new SuiteResult(suite.name());
  }

  /**
   * Runs the suite to its end, or to its limit.
   *
   * @param patch class path entries and options before all others, which plant a seeded bug
   */
  static SuiteResult run(Suite suite, Order order, Path jdk, Patch patch, Consumer<String> progress)
      throws IOException, InterruptedException {
    return new SuiteProcess(
            suite, suite.limit(order.tier()), /* stopsAtFirst= */ false, order, jdk, progress)
        .timed(patch);
  }

  /** Runs the suite until it has a finding, or the time is over. */
  static SuiteResult runUntilFound(Suite suite, Order order, Path jdk, Patch patch, Duration budget)
      throws IOException, InterruptedException {
    return new SuiteProcess(suite, budget, /* stopsAtFirst= */ true, order, jdk, line -> {})
        .timed(patch);
  }

  private SuiteResult timed(Patch patch) throws IOException, InterruptedException {
    long began = System.nanoTime();
    run(patch);
    result.took(Duration.ofNanos(System.nanoTime() - began));
    return result;
  }

  /** The class path entries and options that stand in for parts of the product in a suite's JVM. */
  record Patch(List<Path> classes, List<String> options) {
    static final Patch NONE = new Patch(List.of(), List.of());
  }

  private List<String> command(Patch patch) {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+DisplayVMOutputToStderr");
    command.add(
        "-XX:ErrorFile=" + order.directory().resolve(suite.name()).resolve("hs_err_%p.log"));
    command.addAll(suite.jvmOptions());
    command.addAll(patch.options());
    command.add("-cp");
    List<String> path = new ArrayList<>();
    patch.classes().forEach(entry -> path.add(entry.toString()));
    path.add(System.getProperty("java.class.path"));
    command.add(String.join(System.getProperty("path.separator"), path));
    command.add(SuiteMain.class.getName());
    command.add(suite.getClass().getName());
    command.addAll(order.arguments());
    return command;
  }

  private void run(Patch patch) throws IOException, InterruptedException {
    Path log = order.directory().resolve(suite.name() + ".log");
    Files.createDirectories(order.directory().resolve(suite.name()));
    Process process =
        new ProcessBuilder(command(patch))
            .redirectError(ProcessBuilder.Redirect.to(log.toFile()))
            .start();
    try {
      CompletableFuture<Void> read =
          CompletableFuture.runAsync(
              () -> read(process.inputReader(StandardCharsets.UTF_8)), task -> start(task));
      if (awaitEnd(process)) {
        awaitEvents(read);
        judgeEnd(process.exitValue(), log);
        return;
      }
      boolean enough = stopsAtFirst && found.getCount() == 0;
      Path stacks = enough ? log : takeStacks(process);
      end(process);
      awaitEvents(read);
      if (!enough) {
        addHang(stacks);
      }
    } finally {
      end(process);
    }
  }

  private void end(Process process) {
    ended = true;
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Waits for the reader; a process that the suite left behind may keep the stream open. */
  private static void awaitEvents(CompletableFuture<Void> read) throws InterruptedException {
    try {
      read.get(PATIENCE_AFTER_END.toSeconds(), SECONDS);
    } catch (TimeoutException e) {
      read.cancel(false);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the events of a suite could not be read", e.getCause());
    }
  }

  private static void start(Runnable task) {
    Thread reader = new Thread(task, "stress-events");
    reader.setDaemon(true);
    reader.start();
  }

  /** Returns whether the JVM ended by itself, in time, and without a report that it hangs. */
  private boolean awaitEnd(Process process) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      if (hung.await(50, MILLISECONDS) || stopsAtFirst && found.getCount() == 0) {
        return false;
      }
      if (process.waitFor(50, MILLISECONDS)) {
        return hung.getCount() > 0;
      }
    }
    return false;
  }

  private void read(BufferedReader lines) {
    try (lines) {
      String line;
      while ((line = lines.readLine()) != null) {
        int mark = line.indexOf(Order.MARK);
        if (mark < 0) {
          progress.accept(line);
          continue;
        }
        try {
          take(new JsonObject(line.substring(mark + Order.MARK.length())));
        } catch (DecodeException e) {
          progress.accept(line);
        }
      }
    } catch (IOException e) {
      // Ending a process closes the stream that the reader reads.
      if (!ended) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void take(JsonObject event) {
    String text = event.getString("text", "");
    String named = event.getString("invariant");
    Invariant invariant = named == null ? null : Invariant.valueOf(named);
    String replay = event.getString("replay", "");
    switch (event.getString("event")) {
      case "ran" -> {
        result.ran(invariant, event.getString("what"), event.getLong("count"));
        progress.accept(
            "%s: %,d %s".formatted(invariant, event.getLong("count"), event.getString("what")));
      }
      case "violated" -> {
        result.add(new Finding(Finding.Kind.VIOLATED, invariant, text, replay));
        progress.accept("VIOLATED " + invariant + ": " + text);
        found.countDown();
      }
      case "hang" -> {
        result.add(new Finding(Finding.Kind.HANG, invariant, text, replay));
        counters = event.getString("counters");
        hung.countDown();
      }
      case "control" -> result.control(event.getString("what"), event.getBoolean("noticed"));
      case "incomplete" -> {
        result.add(new Finding(Finding.Kind.INCOMPLETE, null, text, ""));
        progress.accept("INCOMPLETE: " + text);
      }
      case "note" -> {
        result.note(text);
        progress.accept(text);
      }
      case "pulse" -> counters = event.getString("counters");
      case "failed" -> {
        done = true;
        result.add(new Finding(Finding.Kind.HARNESS, null, text, ""));
        progress.accept("FAILED: " + text);
      }
      case "done" -> done = true;
      default -> progress.accept(event.encode());
    }
  }

  private void judgeEnd(int code, Path log) throws IOException {
    if (!done) {
      // Only a crash, or an exit that the suite did not request, ends a suite before its end.
      result.add(
          new Finding(
              Finding.Kind.VIOLATED,
              null,
              "the suite's JVM ended in its midst with code " + code + "; see " + log,
              suite.name() + "/" + order.seed()));
    } else if (order.scene().isEmpty()
        && result.findings(Finding.Kind.HARNESS).findAny().isEmpty()
        && result.findings(Finding.Kind.INCOMPLETE).findAny().isEmpty()) {
      result.judge(suite.least(order.tier()));
    }
  }

  private void addHang(Path stacks) {
    String where = "; stacks in " + stacks + "\n" + counters;
    if (result.findings(Finding.Kind.HANG).findAny().isPresent()) {
      List<Finding> findings = List.copyOf(result.findings());
      result.findings().clear();
      for (Finding finding : findings) {
        result.add(
            finding.kind() != Finding.Kind.HANG
                ? finding
                : new Finding(
                    finding.kind(), finding.invariant(), finding.text() + where, finding.replay()));
      }
    } else {
      result.outOfTime();
      result.add(
          new Finding(
              Finding.Kind.HANG,
              null,
              "did not end within " + limit.toSeconds() + " s" + where,
              suite.name() + "/" + order.seed()));
    }
  }

  /**
   * Writes the stacks of the JVM and its children as Java sees them, and, with gdb, as the system
   * does.
   */
  private Path takeStacks(Process process) throws IOException, InterruptedException {
    Path stacks = order.directory().resolve(suite.name() + "-stacks.txt");
    Files.writeString(stacks, "counters\n" + counters + "\n");
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(0, process.toHandle());
    for (ProcessHandle each : all) {
      String pid = String.valueOf(each.pid());
      append(stacks, jdk.resolve("bin/jcmd").toString(), pid, "Thread.print", "-l");
      append(stacks, "gdb", "-p", pid, "-batch", "-ex", "thread apply all bt 40");
    }
    return stacks;
  }

  private static void append(Path file, String... words) throws IOException, InterruptedException {
    try {
      Process tool =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(file.toFile()))
              .start();
      if (!tool.waitFor(PATIENCE_AFTER_HANG.toSeconds(), SECONDS)) {
        tool.destroyForcibly();
      }
    } catch (IOException e) {
      Files.writeString(
          file, "no " + words[0] + ": " + e.getMessage() + "\n", StandardOpenOption.APPEND);
    }
  }
}
