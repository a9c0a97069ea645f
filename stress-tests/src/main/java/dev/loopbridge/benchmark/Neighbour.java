package dev.loopbridge.benchmark;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A Rust server in a process of its own: it sends back what it gets, over a Unix socket and over
 * HTTP on loopback. A JVM starts it, so that no further file has to be found, and then does
 * nothing: the CPU time of that process is the server's. Twin of the crate's neighbour.rs.
 */
final class Neighbour implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PORT = "port";

  /** The path of the Unix socket. */
  final Path socket;

  /** The port of HTTP on loopback. */
  final int port;

  private final Path directory;
  private final Child child;

  /** Starts the server and waits until it listens. */
  Neighbour() throws IOException, InterruptedException {
    directory = Files.createTempDirectory("neighbour");
    socket = directory.resolve("socket");
    child =
        Child.start(
            directory,
            ChildJvm.command(
                List.of("-XX:+UseSerialGC", "-Xmx64m"), Neighbour.class, socket.toString()));
    port =
        Integer.parseInt(
            child
                .answer(PORT, PATIENCE)
                .orElseThrow(() -> new IllegalStateException("the server does not start")));
  }

  /** The main method of the child: serves until its input ends. */
  public static void main(String... arguments) throws IOException {
    NativeLibrary.load("benchmarks");
    int port = serve(arguments[0].getBytes(StandardCharsets.UTF_8));
    if (port < 0) {
      throw new IOException("cannot serve " + arguments[0]);
    }
    System.out.println(PORT + " " + port);
    while (System.in.read() >= 0) {
      // Nothing is sent: the parent only ends the input.
    }
    System.exit(0);
  }

  /** Starts to serve; returns the port of HTTP, or -1. */
  private static native int serve(byte[] socket);

  long cpuNanos() {
    return HandWritten.cpuNanos((int) child.pid());
  }

  @Override
  public void close() throws IOException {
    child.close();
    Files.deleteIfExists(socket);
    deleteIfEmpty(directory);
  }

  /** Deletes a directory of children, unless one of them left complaints in it. */
  static void deleteIfEmpty(Path directory) throws IOException {
    try {
      Files.delete(directory);
    } catch (DirectoryNotEmptyException e) {
      // What a child wrote to its standard error stays for the reader.
    }
  }
}
