package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A web server under load, with one event loop: each route by native code against the same route in
 * Java, in rounds of one slice each in an order drawn anew. A trivial Java route never leaves its
 * loop; two more routes show the cost of leaving the loop at all, independent of who does the work.
 *
 * <p>The load generator runs on the same processors as the server. It takes its share from either
 * route alike, so a ratio of two routes understates what they cost apart: the less a route costs,
 * the more of its time is the generator's. CPU time is the server's alone.
 *
 * <p>Both thumbnail routes work on as many pictures at once, decode and encode JPEG of the same
 * quality, and keep to memory; Java scales by bilinear interpolation, the native library by the
 * Lanczos filter.
 */
final class WebServer {

  static final String TRIVIAL = "web-trivial";
  static final String THUMBNAILS = "web-thumbnails";
  static final String NATIVE = "native route";
  static final String NATIVE_LOCAL = Targets.LOCAL_ROUTE;
  static final String JAVA = "Java route";
  static final String JAVA_LATER = "Java route, a task later";
  static final String JAVA_ELSEWHERE = "Java route, by executeBlocking";
  static final String IMAGE_IO = "Java ImageIO on workers";

  static final String RATE = "requestsPerSecond";
  static final String P99 = "p99Ns";
  static final String CPU = "cpuNs";

  private static final int PATIENCE_SECONDS = 60;

  private final Wrk wrk;
  private final WebRoutes routes;
  private final Random order = new Random(1);

  private WebServer(Wrk wrk, WebRoutes routes) {
    this.wrk = wrk;
    this.routes = routes;
  }

  /**
   * Measures all routes.
   *
   * @param notes gets the reason why nothing was measured
   * @return no table where {@code wrk} is missing
   * @throws IllegalStateException if any request failed
   */
  static List<Table> measure(Effort effort, Consumer<String> notes) throws Exception {
    Optional<Wrk> wrk = Wrk.find();
    if (wrk.isEmpty()) {
      notes.accept(
          "web server: skipped, there is no wrk on the PATH; install it (apt-get install wrk)");
      return List.of();
    }
    try (Ground ground = new Ground();
        NativeRuntime thumbnails =
            NativeRuntime.builder(NativeLibrary.load("thumbnails"))
                .workerThreads(Ground.WORKERS)
                .blockingThreads(Ground.WORKERS)
                .build()) {
      WebRoutes routes = new WebRoutes(ground.runtime, thumbnails, Picture.jpeg());
      await(ground.vertx.deployVerticle(routes));
      WebServer server = new WebServer(wrk.get(), routes);
      return List.of(
          server.compare(
              TRIVIAL,
              "Web server, trivial route",
              Plan.trivial(effort),
              List.of(
                  new Route(NATIVE, WebRoutes.NATIVE_ADD),
                  new Route(NATIVE_LOCAL, WebRoutes.NATIVE_ADD_LOCAL),
                  new Route(JAVA_LATER, WebRoutes.JAVA_ADD_LATER),
                  new Route(JAVA_ELSEWHERE, WebRoutes.JAVA_ADD_ELSEWHERE),
                  new Route(JAVA, WebRoutes.JAVA_ADD))),
          server.compare(
              THUMBNAILS,
              "Web server, thumbnails",
              Plan.thumbnails(effort),
              List.of(
                  new Route(NATIVE, WebRoutes.NATIVE_THUMBNAIL),
                  new Route(IMAGE_IO, WebRoutes.JAVA_THUMBNAIL))));
    }
  }

  /** Runs the arms against each other; the last one is the baseline. */
  private Table compare(String id, String title, Plan plan, List<Route> arms) throws Exception {
    for (Route arm : arms) {
      load(arm, plan.warmUpSeconds());
    }
    Map<Route, List<Slice>> slices = new LinkedHashMap<>();
    arms.forEach(arm -> slices.put(arm, new ArrayList<>()));
    for (int round = 0; round < plan.rounds(); round++) {
      List<Route> shuffled = new ArrayList<>(arms);
      Collections.shuffle(shuffled, order);
      for (Route arm : shuffled) {
        slices.get(arm).add(load(arm, plan.seconds()));
      }
    }
    List<Table.Row> rows = new ArrayList<>();
    slices.forEach((arm, ofArm) -> rows.add(row(arm, ofArm)));
    return new Table(id, title, RATE, false, arms.get(arms.size() - 1).arm(), rows);
  }

  private static Table.Row row(Route arm, List<Slice> slices) {
    Map<String, double[]> metrics = new LinkedHashMap<>();
    metrics.put(RATE, slices.stream().mapToDouble(s -> s.report().requestsPerSecond()).toArray());
    metrics.put(P99, slices.stream().mapToDouble(s -> s.report().p99Nanos()).toArray());
    metrics.put(CPU, slices.stream().mapToDouble(Slice::cpuNanos).toArray());
    return new Table.Row(arm.arm(), metrics);
  }

  /**
   * Measures one slice, with the work for requests that the load generator no longer waited for.
   */
  private Slice load(Route arm, int seconds) throws Exception {
    long requests = await(routes.idle());
    long cpu = Machine.cpuNanos();
    Wrk.Report report;
    try {
      report = wrk.run(routes.url(arm.path()), seconds);
    } catch (IllegalStateException e) {
      // The server knows the status of each answer.
      throw new IllegalStateException(arm.path() + ": " + e.getMessage(), routes.failure());
    }
    requests = await(routes.idle()) - requests;
    cpu = Machine.cpuNanos() - cpu;
    if (routes.failure() != null) {
      throw new IllegalStateException(arm.path() + " failed", routes.failure());
    }
    return new Slice(report, (double) cpu / requests);
  }

  private static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the web server failed", e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the web server is not through after " + PATIENCE_SECONDS + " s", e);
    }
  }

  /** An arm and its route. */
  private record Route(String arm, String path) {}

  /**
   * The figures of one slice.
   *
   * @param cpuNanos the CPU time for each request that the server worked on
   */
  private record Slice(Wrk.Report report, double cpuNanos) {}

  /** The time that a comparison spends; {@code wrk} counts in seconds. */
  private record Plan(int rounds, int seconds, int warmUpSeconds) {

    private static final Plan QUICK = new Plan(1, 2, 2);
    private static final Plan TRIAL = new Plan(1, 1, 1);

    static Plan trivial(Effort effort) {
      return of(effort, new Plan(5, 3, 3));
    }

    static Plan thumbnails(Effort effort) {
      return of(effort, new Plan(3, 3, 3));
    }

    private static Plan of(Effort effort, Plan full) {
      if (effort.equals(Effort.FULL)) {
        return full;
      }
      return effort.equals(Effort.QUICK) ? QUICK : TRIAL;
    }
  }
}
