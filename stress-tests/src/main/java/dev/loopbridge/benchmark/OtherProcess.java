package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures what the same work costs if it is done by another process: bytes go out and come back.
 * CPU time is that of both processes.
 */
final class OtherProcess {

  static final String SOCKET = "another process, Unix socket";
  static final String HTTP = "another process, HTTP";

  static final int[] SIZES = {16, 1 << 10, 1 << 20};
  private static final int MANY = 64;

  private OtherProcess() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    notes.accept(
        "another process: gRPC is not measured, since a server for it would need a second code"
            + " generator; HTTP/1.1 without any framework is the least that it costs");
    List<Table> tables = new ArrayList<>();
    try (Ground ground = new Ground();
        Neighbour neighbour = new Neighbour()) {
      HttpClient client =
          ground.vertx.createHttpClient(
              new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(neighbour.port),
              new PoolOptions().setHttp1MaxSize(MANY));
      for (int size : SIZES) {
        tables.add(compare(harness, ground, neighbour, client, size, 1));
      }
      tables.add(compare(harness, ground, neighbour, client, SIZES[0], MANY));
      client.close().toCompletionStage().toCompletableFuture().join();
    }
    return tables;
  }

  static String id(int size, int inFlight) {
    return "process-" + size + (inFlight == 1 ? "" : "-" + inFlight);
  }

  private static Table compare(
      Harness harness,
      Ground ground,
      Neighbour neighbour,
      HttpClient client,
      int size,
      int inFlight)
      throws Exception {
    byte[] bytes = new byte[size];
    RoundTrips trips = new RoundTrips(ground);
    // A runtime for each: one that has met long polls of a function starts it in another way.
    try (NativeRuntime runtime = ground.open(builder -> builder);
        SocketClient socket = new SocketClient(ground.loop, neighbour.socket, bytes, inFlight)) {
      NativeCall<byte[]> echo = Fn.ECHO.call(runtime, bytes);
      return harness
          .warm()
          .compare(
              id(size, inFlight),
              Metric.round(size) + " bytes to Rust and back, " + inFlight + " in flight",
              RoundTrips.STAGE,
              List.of(
                  trips.raw(inFlight, echo),
                  trips.stage(RoundTrips.STAGE, inFlight, echo),
                  new Beside(pump(SOCKET, ground, inFlight, socket::call), neighbour),
                  new Beside(
                      pump(HTTP, ground, inFlight, pump -> post(client, bytes, pump)), neighbour),
                  trips.future(inFlight, bytes::clone)));
    }
  }

  private static Pump pump(String name, Ground ground, int inFlight, Pump.Start start) {
    return new Pump(name, ground.loop, inFlight, () -> Crossings.NONE, start);
  }

  private static void post(HttpClient client, byte[] bytes, Pump pump) {
    client
        .request(HttpMethod.POST, "/")
        .compose(request -> request.send(Buffer.buffer(bytes)))
        .compose(HttpClientResponse::body)
        .onComplete(
            (body, error) ->
                pump.ended(
                    error != null || body.length() == bytes.length
                        ? error
                        : new IllegalStateException("got " + body.length() + " bytes")));
  }

  /** An arm for which the neighbour works. */
  private record Beside(Arm arm, Neighbour neighbour) implements Arm {

    @Override
    public String name() {
      return arm.name();
    }

    @Override
    public long run(long nanos) throws Exception {
      return arm.run(nanos);
    }

    @Override
    public long childrenCpuNanos() {
      return neighbour.cpuNanos();
    }
  }
}
