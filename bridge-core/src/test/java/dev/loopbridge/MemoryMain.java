package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the child JVMs of {@link PortMemoryTest} run. */
public final class MemoryMain {

  /** More than one round of the rings at the default limit. */
  private static final int ALL_RECORDS = 10_000;

  private static final int MOST_IN_FLIGHT = 1 << 21;

  private MemoryMain() {}

  /** Runs the scenario named by the first argument. */
  public static void main(String[] arguments) throws Exception {
    try (NativeRuntime runtime = Builtin.runtime()) {
      switch (arguments[0]) {
        case "idle" -> idle(runtime, Integer.parseInt(arguments[1]));
        case "short-lived" -> shortLived(runtime, Integer.parseInt(arguments[1]));
        case "collected" -> collected(runtime);
        case "payload-kept" -> payloadKept(runtime);
        case "no-addresses" -> noAddresses();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    } catch (Throwable e) {
      e.printStackTrace();
      System.exit(1); // the JVM ends although threads are alive
    }
    System.out.println("done");
  }

  /** Prints the memory that each of a number of ports takes after one call. */
  private static void idle(NativeRuntime runtime, int ports) throws Exception {
    DefaultEventExecutor executor = new DefaultEventExecutor();
    List<OwnerLoop> loops = new ArrayList<>();
    NativeCall<Long> add =
        runtime.function("add", Long.class, long.class, long.class).call(20L, 22L);
    for (int i = 0; i < 8; i++) {
      callOn(loops, executor, add); // what the first calls of the process take is not the ports'
    }
    long before = residentBytes();
    for (int i = 0; i < ports; i++) {
      callOn(loops, executor, add);
    }
    System.out.println("bytes a port: " + (residentBytes() - before) / ports);
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  private static void callOn(List<OwnerLoop> loops, DefaultEventExecutor executor, NativeCall<?> it)
      throws Exception {
    OwnerLoop loop = new ForwardingLoop(NettyLoop.of(executor)) {};
    loops.add(loop);
    it.toFuture(loop).get(30, TimeUnit.SECONDS);
  }

  /** Opens and ends a number of loops, one after another; prints what is left of their ports. */
  private static void shortLived(NativeRuntime runtime, int loops) throws Exception {
    NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(3L);
    for (int i = 0; i < loops; i++) {
      DefaultEventExecutor executor = new DefaultEventExecutor();
      yielding.toFuture(NettyLoop.of(executor)).get(30, TimeUnit.SECONDS);
      executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
    }
    Builtin.eventually().until(() -> runtime.metrics().livePorts() == 0);
    System.out.println("bytes left: " + rings("Rss:"));
  }

  /** The addresses of the rings are freed when no Java object refers to them any more. */
  private static void collected(NativeRuntime runtime) throws Exception {
    shortLived(runtime, 64);
    Builtin.eventually()
        .until(
            () -> {
              System.gc();
              return rings("Size:") < 16 << 20;
            });
  }

  /** Keeps a payload of a port that has ended. */
  private static void payloadKept(NativeRuntime runtime) throws Exception {
    DefaultEventExecutor executor = new DefaultEventExecutor();
    NettyLoop loop = NettyLoop.of(executor);
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    for (int i = 0; i < ALL_RECORDS; i++) {
      add.call(1L, 2L).toFuture(loop).get(30, TimeUnit.SECONDS);
    }
    System.out.println("bytes used: " + rings("Rss:"));
    ByteBuf kept =
        runtime
            .function("makeBytes", ByteBuf.class, long.class)
            .call(5_000L)
            .toFuture(loop)
            .get(30, TimeUnit.SECONDS);
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
    Builtin.eventually().until(() -> rings("Rss:") < 1 << 16);
    System.out.println("live ports: " + runtime.metrics().livePorts());
    System.out.println("bytes kept: " + kept.readableBytes());
    kept.release();
    Builtin.eventually().until(() -> runtime.metrics().livePorts() == 0);
  }

  /** Opens ports of the highest limit until the process has no addresses left. */
  private static void noAddresses() throws Exception {
    DefaultEventExecutor executor = new DefaultEventExecutor();
    try (NativeRuntime runtime =
        NativeRuntime.builder(Builtin.library())
            .workerThreads(1)
            .maxInFlight(MOST_IN_FLIGHT)
            .build()) {
      NativeCall<Long> add =
          runtime.function("add", Long.class, long.class, long.class).call(20L, 22L);
      List<OwnerLoop> loops = new ArrayList<>();
      try {
        while (loops.size() < 1_000) {
          OwnerLoop loop = new ForwardingLoop(NettyLoop.of(executor)) {};
          runtime.on(loop);
          loops.add(loop);
        }
      } catch (LoopbridgeException e) {
        System.out.println(e);
      }
      for (OwnerLoop loop : loops) {
        if (add.toFuture(loop).get(30, TimeUnit.SECONDS) != 42) {
          throw new AssertionError();
        }
      }
      System.out.println("ports open: " + (runtime.metrics().livePorts() - loops.size()));
    }
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("RssAnon:")) {
        return bytes(line);
      }
    }
    throw new AssertionError("no RssAnon");
  }

  /**
   * The sum of one of the kernel's figures over the mappings of the bridge, which are those without
   * huge pages and without a reservation.
   */
  private static long rings(String figure) throws IOException {
    long sum = 0;
    long last = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.startsWith(figure)) {
        last = bytes(line);
      } else if (line.startsWith("VmFlags:") && line.contains(" nr") && line.contains(" nh")) {
        sum += last;
      }
    }
    return sum;
  }

  private static long bytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
  }
}
