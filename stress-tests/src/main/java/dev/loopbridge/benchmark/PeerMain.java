package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.kit.Fn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.opendal.AsyncExecutor;
import org.apache.opendal.AsyncOperator;

/**
 * A child JVM of {@link Peer}: reads a small value from a native library, from a loop and back to
 * it. Its argument names the library. It prints {@link #READY}, answers each line {@code run
 * IN_FLIGHT NANOS} by a {@link PeerAnswer}, and ends when its standard input does.
 */
final class PeerMain {

  static final String BRIDGE = "bridge";
  static final String OPENDAL = "OpenDAL";
  static final String READY = "ready";
  static final String ANSWER = "answer";

  private static final int LENGTH = 16;

  private final Ground ground = new Ground();
  private final Map<Integer, Pump> pumps = new HashMap<>();
  private final Pump.Start read;

  private PeerMain(String library) {
    read =
        switch (library) {
          case BRIDGE -> bridge();
          case OPENDAL -> openDal();
          default ->
              throw new IllegalArgumentException(
                  "no library " + library + ", expected " + BRIDGE + " or " + OPENDAL);
        };
  }

  /** Runs until standard input ends, and no longer. */
  public static void main(String... arguments) {
    BlockingQueue<String> commands = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> receive(commands), "peer-commands");
    reader.setDaemon(true);
    reader.start();
    try {
      PeerMain child = new PeerMain(arguments[0]);
      System.out.println(READY);
      while (true) {
        System.out.println(ANSWER + " " + child.answer(commands.take()).line());
      }
    } catch (Throwable e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  /** A thread of its own sees the parent end even while a run is stuck. */
  private static void receive(BlockingQueue<String> commands) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      lines.lines().forEach(commands::add);
    } catch (IOException | UncheckedIOException e) {
      e.printStackTrace();
    }
    System.exit(0);
  }

  private PeerAnswer answer(String command) throws Exception {
    String[] words = command.split(" ");
    if (words.length != 3 || !words[0].equals("run")) {
      throw new IllegalArgumentException("expected run IN_FLIGHT NANOS, not: " + command);
    }
    Pump pump = pumps.computeIfAbsent(Integer.valueOf(words[1]), this::pump);
    long nanos = Long.parseLong(words[2]);
    long bytes = Machine.allocatedBytes();
    long cpu = Machine.cpuNanos();
    long start = System.nanoTime();
    long operations = pump.run(nanos);
    long wall = System.nanoTime() - start;
    cpu = Machine.cpuNanos() - cpu;
    bytes = Machine.allocatedBytes() - bytes;
    return new PeerAnswer(operations, wall, cpu, bytes);
  }

  private Pump pump(int inFlight) {
    return new Pump("read", ground.loop, inFlight, () -> Crossings.NONE, read);
  }

  private Pump.Start bridge() {
    NativeCall<byte[]> call = Fn.READ.call(ground.runtime, (long) LENGTH);
    return pump ->
        call.toFuture(ground.owner).whenComplete((bytes, error) -> ended(pump, bytes, error));
  }

  /** Operator and executor live as long as the process. */
  private Pump.Start openDal() {
    String path = "value";
    AsyncOperator operator =
        AsyncOperator.of("memory", Map.of(), AsyncExecutor.createTokioExecutor(Ground.WORKERS));
    operator.write(path, new byte[LENGTH]).join();
    return pump ->
        operator
            .read(path)
            .whenCompleteAsync((bytes, error) -> ended(pump, bytes, error), ground.loop);
  }

  private static void ended(Pump pump, byte[] bytes, Throwable error) {
    if (error == null && bytes.length != LENGTH) {
      pump.ended(new IllegalStateException("read " + bytes.length + " bytes"));
    } else {
      pump.ended(error);
    }
  }
}
