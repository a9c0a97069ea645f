package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The server in a process of its own, started like a user's. Killed when closed. */
final class ServerProcess implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final BufferedReader output;

  private ServerProcess(Process process) {
    this.process = process;
    this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /** Starts a process with exactly these of the server's variables in its environment. */
  static ServerProcess launch(Map<String, String> environment, String... flags) throws IOException {
    return launch(environment, List.of(ThumbnailServer.class.getName()), flags);
  }

  /** Starts a server of the tests, which prints the same line when it is ready. */
  static ServerProcess launch(Class<?> main, String argument) throws IOException {
    return launch(Map.of(), List.of(main.getName(), argument));
  }

  private static ServerProcess launch(
      Map<String, String> environment, List<String> main, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--enable-native-access") || flag.startsWith("-Xcheck"))
        .forEach(command::add);
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(main);
    return run(environment, command);
  }

  /** Starts the command with exactly these of the server's variables in its environment. */
  static ServerProcess run(Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("ENGINE", "HOST", "PORT"));
    builder.environment().putAll(environment);
    return new ServerProcess(builder.start());
  }

  /** Waits for the line that announces the server, and returns the port in it. */
  int awaitReady() throws IOException {
    return awaitReady("127.0.0.1");
  }

  /** Waits for the line that announces the server on that host, and returns the port in it. */
  int awaitReady(String host) throws IOException {
    String ready = output.readLine();
    assertThat(ready).matches("ready on http://" + Pattern.quote(host) + ":[0-9]+");
    return Integer.parseInt(ready.substring(ready.lastIndexOf(':') + 1));
  }

  /** The next line that it prints. */
  String awaitLine() throws IOException {
    return output.readLine();
  }

  /** Whether the process has mapped the native library. Linux only. */
  boolean hasLoadedItsLibrary() throws IOException {
    return Files.readString(Path.of("/proc/" + process.pid() + "/maps"))
        .contains(Thumbnails.LIBRARY);
  }

  void sendSigterm() {
    process.toHandle().destroy(); // the process's own method would close its output, too
  }

  int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    return process.exitValue();
  }

  /** The rest of its output, until it ends. */
  String remainingOutput() {
    return output.lines().collect(Collectors.joining("\n"));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    output.close();
  }
}
