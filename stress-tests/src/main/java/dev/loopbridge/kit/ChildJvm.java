package dev.loopbridge.kit;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts JVMs on the class path of this one, each for one measurement or one scene. */
public final class ChildJvm {

  private static final long PATIENCE_SECONDS = 120;

  private ChildJvm() {}

  /**
   * Returns the command that starts a main class; it passes on the properties of this JVM that
   * begin with loopbridge.
   */
  public static List<String> command(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    // Standard output is for the child's answers alone.
    command.add("-XX:+DisplayVMOutputToStderr");
    command.add("-Xlog:disable");
    command.add("-Xlog:all=warning:stderr");
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("loopbridge."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(options);
    command.add("-cp");
    command.add(classPath());
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns the class path of this JVM with absolute paths, so that it works in any directory. */
  public static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Runs a main class to its end; returns the numbers of the line that it printed.
   *
   * @throws IllegalStateException if the class failed; the message has its standard error
   */
  public static double[] run(List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command(options, main, arguments)).start();
    try {
      CompletableFuture<String> complaints =
          CompletableFuture.supplyAsync(() -> text(process.errorReader(StandardCharsets.UTF_8)));
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(() -> text(process.inputReader(StandardCharsets.UTF_8)));
      boolean ended = process.waitFor(PATIENCE_SECONDS, SECONDS);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly().waitFor();
        throw new IllegalStateException(
            main.getSimpleName()
                + " "
                + List.of(arguments)
                + (ended ? " failed" : " took over " + PATIENCE_SECONDS + " s")
                + "; its standard error:\n"
                + complaints.join());
      }
      String[] figures = answer.join().trim().split("\\s+");
      double[] values = new double[figures.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = Double.parseDouble(figures[i]);
      }
      return values;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(BufferedReader reader) {
    return String.join("\n", reader.lines().toList());
  }
}
