package dev.loopbridge.benchmark;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A child JVM that runs {@link PeerMain} on the class path of this one. It ends when it is closed,
 * or when this JVM does. Used by one thread.
 */
final class PeerChild implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String library;
  private final Child child;

  /**
   * Starts a child and waits until it is ready.
   *
   * @throws IllegalStateException if the child does not become ready; the message has its standard
   *     error
   */
  PeerChild(String library) throws IOException, InterruptedException {
    this.library = library;
    this.child =
        Child.start(
            Files.createTempDirectory("peer"),
            ChildJvm.command(List.of(), PeerMain.class, library));
    receive(PeerMain.READY, PATIENCE);
  }

  /**
   * Runs for about so long.
   *
   * @throws IllegalStateException if the child failed; the message has its standard error
   */
  PeerAnswer run(int inFlight, long nanos) throws IOException, InterruptedException {
    try {
      child.send("run " + inFlight + " " + nanos);
    } catch (IOException e) {
      throw failed("takes no commands", e);
    }
    return PeerAnswer.parse(receive(PeerMain.ANSWER, PATIENCE.plusNanos(nanos)));
  }

  /**
   * Ends the child's standard input, waits until the child has ended, and returns its exit code.
   */
  int end() throws IOException, InterruptedException {
    child.endInput();
    if (child.end(PATIENCE).isEmpty()) {
      throw failed("does not end with its standard input", null);
    }
    return child.code();
  }

  @Override
  public void close() throws IOException {
    child.close();
  }

  private String receive(String word, Duration patience) throws IOException, InterruptedException {
    Optional<String> answer = child.answer(word, patience);
    if (answer.isEmpty()) {
      throw failed("ended, or did not answer in " + patience, null);
    }
    return answer.get();
  }

  /** Ends the child; returns an exception with the last lines that it wrote. */
  private IllegalStateException failed(String what, Throwable cause)
      throws IOException, InterruptedException {
    child.signal("KILL");
    child.end(PATIENCE);
    return new IllegalStateException(
        "the child JVM for " + library + " " + what + "; it wrote:\n" + child.tail(), cause);
  }
}
