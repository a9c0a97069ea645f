package dev.loopbridge.stress;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A program that a suite runs: a compiler, a test binary, a tool. It ends with the suite's JVM. */
public final class Command {

  private static final int LINES_KEPT = 60;

  private final List<String> words;
  private final Map<String, String> environment = new HashMap<>();
  private Path directory = Path.of("").toAbsolutePath();
  private Consumer<String> eachLine = line -> {};

  private Command(List<String> words) {
    this.words = words;
  }

  /** A command of these words. */
  public static Command of(String... words) {
    return of(List.of(words));
  }

  /** A command of these words. */
  public static Command of(List<String> words) {
    return new Command(new ArrayList<>(words));
  }

  /** Sets the directory in which the program runs. */
  public Command in(Path directory) {
    this.directory = directory;
    return this;
  }

  /** Sets a variable of the program's environment. */
  public Command with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /**
   * Sets the receiver of each line that the program writes to standard output or standard error.
   */
  public Command onLine(Consumer<String> eachLine) {
    this.eachLine = eachLine;
    return this;
  }

  /**
   * The end of a program.
   *
   * @param code the exit code; that of a killed process is above 128
   * @param tail the last lines that it wrote
   */
  public record Ended(int code, String tail) {

    /** Returns whether the program succeeded. */
    public boolean ok() {
      return code == 0;
    }
  }

  /**
   * Runs the program to its end.
   *
   * @throws MissingToolException if there is no such program
   */
  public Ended run() throws MissingToolException, InterruptedException, IOException {
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    // Maven has one for its own builds; each of ours says where cargo puts its files.
    builder.environment().remove("CARGO_TARGET_DIR");
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new MissingToolException(words.get(0) + " on the PATH: " + e.getMessage());
    }
    Deque<String> tail = new ArrayDeque<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      process.getOutputStream().close();
      String line;
      while ((line = lines.readLine()) != null) {
        eachLine.accept(line);
        tail.add(line);
        if (tail.size() > LINES_KEPT) {
          tail.remove();
        }
      }
      return new Ended(process.waitFor(), String.join("\n", tail));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** Returns the words of the command. */
  public List<String> words() {
    return Collections.unmodifiableList(words);
  }
}
