package dev.loopbridge.examples;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RuntimeMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * A web server that makes thumbnails, and the page to use it by. Images are worked on in Rust; the
 * event loops only carry bytes.
 *
 * <p>The environment configures it: {@code ENGINE} is {@code vertx} (the default) or {@code
 * reactor}, {@code PORT} the port on 127.0.0.1 (8080 by default, 0 for any free one). It listens
 * once it prints {@code ready on http://127.0.0.1:PORT}, and stops when the process is told to end.
 */
public final class ThumbnailServer implements AutoCloseable {

  /** How long requests may take to finish when the process is told to end. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** How long the runtime waits for its close then: longer than the engines take to stop. */
  private static final Duration STOP = Duration.ofSeconds(45);

  /** The most images one event loop has in work or in the queue for it. */
  private static final int MAX_IMAGES = 128;

  private final NativeRuntime runtime;
  private final Engine engine;

  private ThumbnailServer(NativeRuntime runtime, Engine engine) {
    this.runtime = runtime;
    this.engine = engine;
  }

  /**
   * Runs the server until the process ends.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    ThumbnailServer server;
    try {
      server =
          start(
              environment.getOrDefault("ENGINE", "vertx"),
              environment.getOrDefault("PORT", "8080"));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "thumbnails-stop"));
    } catch (IllegalStateException e) {
      server.close(); // the process was told to end while it started
      return;
    }
    System.out.println("ready on http://" + Engine.HOST + ":" + server.port());
  }

  /**
   * Starts a server.
   *
   * @throws IllegalArgumentException if there is no such engine, or the port cannot be had
   */
  static ThumbnailServer start(String engine, String port) {
    return start(engine, port, MAX_IMAGES, UnaryOperator.identity());
  }

  /**
   * Starts a server.
   *
   * @param maxImages how many images it works on for each of its loops; others are refused
   * @param cacheLoop what to make of the loop that the cache of thumbnails belongs to
   */
  static ThumbnailServer start(
      String engine, String port, int maxImages, UnaryOperator<Executor> cacheLoop) {
    int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : -1;
    if (number < 0 || number > 65_535) {
      throw new IllegalArgumentException("PORT is \"" + port + "\"; expected 0 to 65535");
    }
    if (!engine.equals("vertx") && !engine.equals("reactor")) {
      throw new IllegalArgumentException("ENGINE is \"" + engine + "\"; expected vertx or reactor");
    }
    int processors = Runtime.getRuntime().availableProcessors();
    NativeRuntime runtime =
        NativeRuntime.builder(NativeLibrary.load(Thumbnails.LIBRARY))
            .workerThreads(1)
            // One processor stays free for the loops, so that they answer while Rust is busy.
            .blockingThreads(Math.max(1, processors - 1))
            .maxInFlight(maxImages)
            .closedByOwner(STOP)
            .build();
    Engine running = null;
    try {
      // On no loop of the engine, so this is the runtime's own: all loops may ask it, and it ends
      // with the runtime.
      ThumbnailCache cache = new ThumbnailCache(cacheLoop.apply(runtime.currentLoop()::execute));
      Routes routes = new Routes(new Thumbnails(runtime), cache, runtime::metrics);
      running =
          engine.equals("vertx")
              ? VertxEngine.start(routes, number)
              : ReactorEngine.start(routes, number);
      Rehearsal.of(running.port());
      return new ThumbnailServer(runtime, running);
    } catch (RuntimeException e) {
      if (running != null) {
        running.close(Duration.ZERO);
      }
      runtime.close();
      throw e;
    }
  }

  int port() {
    return engine.port();
  }

  RuntimeMetrics metrics() {
    return runtime.metrics();
  }

  /** Stops listening, lets requests finish within a few seconds, and closes the native runtime. */
  @Override
  public void close() {
    try {
      engine.close(GRACE);
    } finally {
      runtime.close();
    }
  }
}
