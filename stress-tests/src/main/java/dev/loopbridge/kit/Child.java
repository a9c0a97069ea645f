package dev.loopbridge.kit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A JVM that a suite has started: its output, its complaints, and the time of its end. Every wait
 * for it is bounded. Its files are in a directory of its own; {@link #close} deletes the directory
 * if it holds only what every run leaves there.
 */
public final class Child implements AutoCloseable {

  /** The lines that a JVM prints when it dies, or when {@code -Xcheck:jni} has found a mistake. */
  private static final Pattern COMPLAINT =
      Pattern.compile(
          "in native method"
              + "|WARNING: JNI "
              + "|handler modified|signal handlers"
              + "|detected by the Java Runtime"
              + "|fatal runtime error|panicked at"
              + "|Native code expects"
              + "|SIGSEGV|SIGABRT|SIGBUS|SIGILL");

  private static final AtomicInteger STARTED = new AtomicInteger();
  private static final int TAIL_LINES = 40;

  private final Path directory;
  private final Path errors;
  private final Process process;
  private final CompletableFuture<Long> ended;
  private final Thread reader;
  private final List<String> lines = new ArrayList<>();
  private int read;
  private boolean through;

  private Child(Path directory, Process process) {
    this.directory = directory;
    this.errors = directory.resolve("errors.txt");
    this.process = process;
    this.ended = process.onExit().thenApply(gone -> System.nanoTime());
    this.reader = new Thread(this::read, "child-" + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts a JVM in a new directory.
   *
   * @param parent the directory in which the new one is made
   */
  public static Child start(Path parent, List<String> command) throws IOException {
    Path directory = parent.resolve("child-" + STARTED.incrementAndGet());
    Files.createDirectories(directory);
    return new Child(
        directory,
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(directory.resolve("errors.txt").toFile())
            .start());
  }

  private void read() {
    try (BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = from.readLine()) != null) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      synchronized (lines) {
        through = true;
        lines.notifyAll();
      }
    }
  }

  public long pid() {
    return process.pid();
  }

  public Path directory() {
    return directory;
  }

  /**
   * Waits for the next line that begins with a word, and returns the rest of that line; skips the
   * lines before it. Empty if the line does not come in time, or the child ended without it.
   */
  public Optional<String> answer(String word, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (lines) {
      while (true) {
        while (read < lines.size()) {
          String line = lines.get(read++);
          if (line.equals(word)) {
            return Optional.of("");
          }
          if (line.startsWith(word + " ")) {
            return Optional.of(line.substring(word.length() + 1));
          }
        }
        long left = NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (through || left <= 0) {
          return Optional.empty();
        }
        lines.wait(left);
      }
    }
  }

  /** Writes a line to the child's standard input. */
  public void send(String line) throws IOException {
    Writer to = process.outputWriter(StandardCharsets.UTF_8);
    to.write(line + "\n");
    to.flush();
  }

  /** Ends the child's standard input. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Sends the child a signal, such as TERM. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid()).start().waitFor();
  }

  /**
   * Waits for the end; returns its {@link System#nanoTime}, empty if the child did not end in time.
   */
  public OptionalLong end(Duration limit) throws InterruptedException {
    try {
      long at = ended.get(limit.toMillis(), MILLISECONDS);
      reader.join(limit.toMillis());
      return OptionalLong.of(at);
    } catch (TimeoutException e) {
      return OptionalLong.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the exit code of a child that has ended. */
  public int code() {
    return process.exitValue();
  }

  /** Returns the lines of the child's standard output so far. */
  public List<String> output() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Returns the lines of the child's standard error so far. */
  public List<String> errorOutput() throws IOException {
    return new String(Files.readAllBytes(errors), StandardCharsets.UTF_8).lines().toList();
  }

  /**
   * Returns the signs that native code went wrong in the child: lines of its output, error files of
   * the JVM, and cores.
   */
  public List<String> damage() throws IOException {
    List<String> found = new ArrayList<>();
    Stream.concat(output().stream(), errorOutput().stream())
        .filter(line -> COMPLAINT.matcher(line).find())
        .limit(TAIL_LINES)
        .forEach(found::add);
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("hs_err") || name.startsWith("core"))
          .forEach(found::add);
    }
    return found;
  }

  /** Returns the last lines of both outputs, for a finding. */
  public String tail() throws IOException {
    List<String> all = new ArrayList<>(output());
    all.addAll(errorOutput());
    return String.join("\n", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size()));
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    ended.join(); // a killed process ends
    try (Stream<Path> files = Files.list(directory)) {
      if (files.anyMatch(file -> !file.equals(errors)) || Files.size(errors) > 0) {
        return;
      }
    }
    Files.delete(errors);
    Files.delete(directory);
  }
}
