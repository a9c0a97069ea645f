package dev.loopbridge.stress.history;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.OnContext;
import dev.loopbridge.stress.Trial;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A loop of one kind and runtimes for it; what one program has ended is replaced for the next. */
final class Scene implements AutoCloseable {

  private final LoopKind kind;
  private final Trial trial;
  private final NativeRuntime control;
  private final ExecutorService other = thread("stress-other");
  private final ExecutorService third = thread("stress-third");

  private LoopKind.Started started;
  private NativeRuntime runtime;
  private int workers;
  private int maxInFlight;

  Scene(LoopKind kind, Trial trial) {
    this.kind = kind;
    this.trial = trial;
    this.control = NativeRuntime.builder(library()).workerThreads(1).threadName("signals").build();
  }

  static NativeLibrary library() {
    return NativeLibrary.load("loopbridge_builtin", NativeRuntime.class.getClassLoader());
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(new DefaultThreadFactory(name, /* daemon= */ true));
  }

  LoopKind kind() {
    return kind;
  }

  /** Returns the loop, which is the same until {@link #loopEnded}. */
  LoopKind.Started started() throws Exception {
    if (started == null) {
      started = kind.start();
    }
    return started;
  }

  OwnerLoop loop() throws Exception {
    return started().loop();
  }

  /** Returns the loop's Vert.x context; null if it has none. */
  Context context() throws Exception {
    return started() instanceof OnContext of ? of.context() : null;
  }

  List<Adapter> adapters() throws Exception {
    List<Adapter> adapters =
        new ArrayList<>(List.of(Adapter.RAW, Adapter.TARGET, Adapter.STAGE, Adapter.MONO));
    if (loop() instanceof NettyLoop) {
      adapters.add(Adapter.PROMISE);
    }
    if (context() != null) {
      adapters.add(Adapter.VERTX);
    }
    return adapters;
  }

  /** Returns a runtime as the program needs it: the last program's runtime if that fits. */
  NativeRuntime runtime(Program program) {
    if (runtime != null && (workers != program.workers() || maxInFlight != program.maxInFlight())) {
      close(runtime);
    }
    if (runtime == null) {
      workers = program.workers();
      maxInFlight = program.maxInFlight();
      runtime =
          trial.watch(
              NativeRuntime.builder(library())
                  .workerThreads(workers)
                  .maxInFlight(maxInFlight)
                  .threadName("history")
                  .build());
    }
    return runtime;
  }

  /** Returns the runtime for signals, which no program ends. */
  NativeRuntime control() {
    return control;
  }

  ExecutorService other() {
    return other;
  }

  ExecutorService third() {
    return third;
  }

  /** Notes that the next program needs another loop. */
  void loopEnded() {
    started = null;
  }

  /** Notes that the next program needs another runtime. */
  void runtimeClosed() {
    trial.unwatch(runtime);
    runtime = null;
  }

  private void close(NativeRuntime open) {
    trial.unwatch(open);
    open.closeAsync(Duration.ZERO);
    runtime = null;
  }

  @Override
  public void close() {
    if (runtime != null) {
      close(runtime);
    }
    control.closeAsync(Duration.ZERO);
    if (started != null) {
      started.end();
    }
    other.shutdownNow();
    third.shutdownNow();
  }
}
