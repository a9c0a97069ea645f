package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * A child JVM that runs {@link PeerMain} on the class path of this one. It ends when it is closed,
 * or when this JVM does. Used by one thread.
 */
final class PeerChild implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final String library;
  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;
  private final ExecutorService readers = Executors.newCachedThreadPool(PeerChild::daemon);
  private final Future<String> complaints;

  /**
   * Starts a child and waits until it is ready.
   *
   * @throws IllegalStateException if it does not become so; says what it wrote to standard error
   */
  PeerChild(String library) throws IOException, InterruptedException {
    this.library = library;
    process = new ProcessBuilder(ChildJvm.command(List.of(), PeerMain.class, library)).start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    complaints = readers.submit(() -> text(process.getErrorStream()));
    String first = receive(PATIENCE_SECONDS);
    if (!first.equals(PeerMain.READY)) {
      throw failed("is not ready, but said: " + first, null);
    }
  }

  /**
   * Runs for about so long.
   *
   * @throws IllegalStateException if the child failed; says what it wrote to standard error
   */
  PeerAnswer run(int inFlight, long nanos) throws InterruptedException {
    try {
      commands.write("run " + inFlight + " " + nanos + "\n");
      commands.flush();
    } catch (IOException e) {
      throw failed("takes no commands", e);
    }
    String line = receive(PATIENCE_SECONDS + NANOSECONDS.toSeconds(nanos));
    try {
      return PeerAnswer.parse(line);
    } catch (IllegalArgumentException e) {
      throw failed("spoke nonsense", e);
    }
  }

  Process process() {
    return process;
  }

  @Override
  public void close() {
    try {
      commands.close();
      process.waitFor(PATIENCE_SECONDS, SECONDS);
    } catch (IOException e) {
      // It no longer listens.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
      readers.shutdownNow();
    }
  }

  private String receive(long patienceSeconds) throws InterruptedException {
    try {
      String line = readers.submit(answers::readLine).get(patienceSeconds, SECONDS);
      if (line == null) {
        throw failed("ended", null);
      }
      return line;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw e;
    } catch (ExecutionException e) {
      throw failed("cannot be heard", e.getCause());
    } catch (TimeoutException e) {
      throw failed("said nothing for " + patienceSeconds + " s", e);
    }
  }

  /** Ends the child, for all that it wrote. */
  private IllegalStateException failed(String what, Throwable cause) throws InterruptedException {
    process.destroyForcibly().waitFor();
    String written;
    try {
      written = complaints.get(PATIENCE_SECONDS, SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      written = "(not to be had: " + e + ")";
    }
    return new IllegalStateException(
        "the child JVM for " + library + " " + what + "; its standard error:\n" + written, cause);
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "peer-reader");
    thread.setDaemon(true);
    return thread;
  }
}
