package dev.loopbridge.examples;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RuntimeMetrics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * A web server that makes thumbnails, and has a page to try it. Rust does the work on images; the
 * event loops only carry bytes.
 *
 * <p>The environment configures it: {@code ENGINE} is {@code vertx} (the default) or {@code
 * reactor}, {@code HOST} the address (127.0.0.1 by default, 0.0.0.0 for all of the machine), {@code
 * PORT} the port (8080 by default, 0 for any free one); an empty variable counts as not set. It
 * listens once it prints {@code ready on http://HOST:PORT}, and stops when the process gets
 * SIGTERM.
 */
public final class ThumbnailServer implements AutoCloseable {

  /** How long requests may take to finish after SIGTERM. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** How long the runtime then waits for its close: longer than the engines take to stop. */
  private static final Duration STOP = Duration.ofSeconds(45);

  /** The most images of one event loop that are being worked on or queued. */
  private static final int MAX_IMAGES = 128;

  private final NativeRuntime runtime;
  private final Engine engine;
  private final Admission admission;

  private ThumbnailServer(NativeRuntime runtime, Engine engine, Admission admission) {
    this.runtime = runtime;
    this.engine = engine;
    this.admission = admission;
  }

  /**
   * Runs the server until the process ends.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    Settings settings;
    ThumbnailServer server;
    try {
      settings = Settings.of(System.getenv());
      server = start(settings, Limits.ofThisJvm(), MAX_IMAGES, UnaryOperator.identity());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "thumbnails-stop"));
    } catch (IllegalStateException e) {
      server.close(); // the process got SIGTERM during the start
      return;
    }
    InetSocketAddress address =
        new InetSocketAddress(settings.address().getAddress(), server.port());
    System.out.println("ready on http://" + Settings.text(address));
  }

  /**
   * Starts a server on 127.0.0.1.
   *
   * @throws IllegalArgumentException if there is no such engine, or the system refuses the port
   */
  static ThumbnailServer start(String engine, String port) {
    return start(engine, port, Limits.ofThisJvm(), MAX_IMAGES, UnaryOperator.identity());
  }

  /** Starts a server on 127.0.0.1 with these limits. */
  static ThumbnailServer start(String engine, String port, Limits limits) {
    return start(engine, port, limits, MAX_IMAGES, UnaryOperator.identity());
  }

  /**
   * Starts a server on 127.0.0.1.
   *
   * @param maxImages the most images of each loop that are worked on; further images are refused
   * @param cacheLoop maps the cache's loop to the one to use
   */
  static ThumbnailServer start(
      String engine, String port, int maxImages, UnaryOperator<Executor> cacheLoop) {
    return start(engine, port, Limits.ofThisJvm(), maxImages, cacheLoop);
  }

  private static ThumbnailServer start(
      String engine, String port, Limits limits, int maxImages, UnaryOperator<Executor> cacheLoop) {
    Settings settings = Settings.of(Map.of("ENGINE", engine, "PORT", port));
    return start(settings, limits, maxImages, cacheLoop);
  }

  private static ThumbnailServer start(
      Settings settings, Limits limits, int maxImages, UnaryOperator<Executor> cacheLoop) {
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
      // This thread is on no loop of the engine, so this is the runtime's own loop: all loops may
      // ask it, and it ends with the runtime.
      ThumbnailCache cache = new ThumbnailCache(cacheLoop.apply(runtime.currentLoop()::execute));
      Admission admission = new Admission(limits);
      Routes routes = new Routes(new Thumbnails(runtime), cache, admission, runtime::metrics);
      running =
          settings.engine().equals("vertx")
              ? VertxEngine.start(routes, settings.address())
              : ReactorEngine.start(routes, settings.address());
      Rehearsal.of(reachable(settings.address().getAddress(), running.port()));
      return new ThumbnailServer(runtime, running, admission);
    } catch (RuntimeException e) {
      if (running != null) {
        running.close(Duration.ZERO);
      }
      runtime.close();
      throw e;
    }
  }

  /** The URL at which a server with that address can be reached from its own machine. */
  private static InetSocketAddress reachable(InetAddress host, int port) {
    return new InetSocketAddress(
        host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host, port);
  }

  int port() {
    return engine.port();
  }

  Admission admission() {
    return admission;
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
