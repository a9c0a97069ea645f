package dev.loopbridge.stress.codec;

import static dev.loopbridge.stress.Invariant.I11;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.RecordForge;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Checks on both sides that values arrive as they were sent, and that forged records are refused.
 */
public final class CodecSuite extends Suite {

  private static final List<String> TARGETS = List.of("submissions", "outcomes", "arguments");
  private static final List<String> CONTROLS = List.of("trusting_length", "trusting_size");
  private static final Duration CONTROL_TIME = Duration.ofSeconds(20);
  private static final int BATCH = 1_000;

  public CodecSuite() {
    super("codec", "values there and back, and forged records and payloads for every decoder");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(I11, tier.choose(30_000L, 500_000L, 100_000_000L));
  }

  @Override
  public Duration limit(Tier tier) {
    // The first run builds the fuzz targets.
    return tier.choose(Duration.ofMinutes(2), Duration.ofMinutes(12), Duration.ofMinutes(120));
  }

  @Override
  public void run(Trial trial) throws Exception {
    Bench bench = new Bench(trial);
    controls(trial);
    int batches = trial.choose(8, 200, 5_000);
    for (int batch = 0; batch < batches; batch++) {
      batch(trial, bench, batch);
    }
    trial.ran(I11, "values to Rust and back", bench.trips);
    trial.ran(I11, "records and texts for Java's readers", bench.read);
    trial.ran(I11, "records for a dispatcher, each with a call behind it", bench.submitted);
    Path executor = trial.checkout().executor();
    corpus(trial, bench, executor.resolve("fuzz/corpus/outcomes"));
    bench.end(trial);
    if (trial.tier() != Tier.T0) {
      fuzz(trial, new LibFuzzer(executor, trial.directory()));
    }
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    if (scene.startsWith("batch/")) {
      Bench bench = new Bench(trial);
      batch(trial, bench, Integer.parseInt(scene.substring("batch/".length())));
      bench.end(trial);
    } else {
      run(trial);
    }
  }

  private static void controls(Trial trial) {
    byte[] sent = {1, 2, 3};
    trial.control("a byte that changed on the way", !RoundTrips.same(sent, new byte[] {1, 2, 2}));
    trial.control("bytes that were cut off", !RoundTrips.same(sent, new byte[] {1, 2}));
    trial.control("a surrogate that was replaced", !RoundTrips.same("\ud800", "?"));
    trial.control("a zero that lost its sign", !RoundTrips.same(-0.0, 0.0));
    ByteBuffer lying = ByteBuffer.allocate(64).putInt(0, -1);
    trial.control(
        "a reader that trusts a length",
        ReaderFuzz.fault(64, () -> new byte[lying.getInt(0)]) != null);
    trial.control(
        "a reader that makes room for what is not there",
        ReaderFuzz.fault(64, () -> new byte[1 << 20]) != null);
  }

  /** A runtime with one loop, and the work on that loop. */
  private static final class Bench {

    final NativeRuntime runtime;
    final LoopKind.Started started;
    final OwnerLoop loop;
    final RecordForge forge;
    final DispatcherFuzz dispatcher;
    long trips;
    long read;
    long submitted;

    Bench(Trial trial) throws Exception {
      runtime =
          trial.watch(
              NativeRuntime.builder(NativeLibrary.load("loopbridge_builtin"))
                  .workerThreads(2)
                  .maxPayloadBytes(RoundTrips.MOST_PAYLOAD_BYTES)
                  .build());
      LoopKind kind =
          trial.loops().stream()
              .filter(each -> each.name().equals("netty-nio"))
              .findFirst()
              .orElse(trial.loops().get(0));
      started = kind.start();
      loop = started.loop();
      forge = new RecordForge(RawPort.of(runtime, loop));
      dispatcher = new DispatcherFuzz(forge);
    }

    /** Runs a task on the loop; returns null if it did not end. */
    Supplier<String> on(Supplier<String> task) throws InterruptedException {
      CompletableFuture<String> done = new CompletableFuture<>();
      loop.execute(
          () -> {
            try {
              done.complete(task.get());
            } catch (Throwable e) {
              done.complete("threw " + e);
            }
          });
      try {
        String fault = done.get(RoundTrips.PATIENCE_SECONDS, TimeUnit.SECONDS);
        return () -> fault;
      } catch (TimeoutException e) {
        return null;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    void end(Trial trial) {
      forge.close();
      started.end();
      runtime.close();
      trial.unwatch(runtime);
    }
  }

  private static void batch(Trial trial, Bench bench, int batch) throws InterruptedException {
    String scene = "batch/" + batch;
    bench.trips +=
        new RoundTrips(trial, bench.runtime, bench.loop, trial.random("trips " + batch))
            .run(BATCH, scene);
    ReaderFuzz reader = new ReaderFuzz(trial.random("reader " + batch), bench.forge);
    Supplier<String> read =
        bench.on(
            () -> {
              String fault = null;
              for (int i = 0; i < 4 * BATCH && fault == null; i++) {
                fault = reader.next();
              }
              return fault;
            });
    report(trial, read, "Java's reader", scene);
    bench.read += 4 * BATCH;
    bench.dispatcher.seed(trial.random("dispatcher " + batch));
    for (int i = 0; i < BATCH / 4; i++) {
      String fault = bench.dispatcher.next();
      if (DispatcherFuzz.HANGS.equals(fault)) {
        trial.hangs(I11, fault, scene);
      } else if (fault != null) {
        trial.violated(I11, fault, scene);
        break;
      }
    }
    bench.submitted += BATCH / 4;
  }

  private static void report(Trial trial, Supplier<String> answer, String who, String scene)
      throws InterruptedException {
    if (answer == null) {
      trial.hangs(I11, who + " does not come back", scene);
    } else if (answer.get() != null) {
      trial.violated(I11, who + ": " + answer.get(), scene);
    }
  }

  /** Feeds Java's reader with the inputs that libFuzzer kept for Rust's reader. */
  private static void corpus(Trial trial, Bench bench, Path directory)
      throws IOException, InterruptedException {
    int replayed = 0;
    ReaderFuzz reader = new ReaderFuzz(trial.random("corpus"), bench.forge);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        Supplier<String> read =
            bench.on(
                () -> {
                  String fault = null;
                  for (int i = 0; i < 64 && fault == null; i++) {
                    fault = reader.record(bytes);
                  }
                  return fault;
                });
        report(trial, read, file.getFileName().toString(), "");
        replayed++;
      }
    }
    trial.ran(I11, "records of the kept corpus for Java's reader", replayed);
  }

  private static void fuzz(Trial trial, LibFuzzer fuzzer) throws Exception {
    fuzzer.build();
    for (String control : CONTROLS) {
      trial.control(control, fuzzer.run(control, CONTROL_TIME, trial.seed()).failure() != null);
    }
    Duration time = trial.choose(Duration.ZERO, Duration.ofSeconds(20), Duration.ofMinutes(20));
    for (String target : TARGETS) {
      LibFuzzer.Ended ended = fuzzer.run(target, trial.time(time), trial.seed());
      if (ended.failure() == null) {
        trial.ran(I11, "executions of " + target, ended.runs());
      } else {
        trial.violated(I11, target + ": " + ended.failure(), "fuzz");
      }
    }
  }
}
