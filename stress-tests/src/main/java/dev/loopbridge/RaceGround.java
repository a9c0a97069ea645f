package dev.loopbridge;

import dev.loopbridge.kit.Fn;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The library, the runtimes and the loop that all samples of a race share: a sample lasts
 * microseconds, and a library or a runtime takes longer to make than thousands of samples. Each
 * JVM, and so each test, has its own.
 */
public final class RaceGround {

  /** The library with the functions for tests. */
  public static final NativeLibrary LIBRARY =
      NativeLibrary.load("loopbridge_builtin", RaceGround.class.getClassLoader());

  /** The runtime for calls on {@link #LOOP}. */
  public static final NativeRuntime RUNTIME =
      NativeRuntime.builder(LIBRARY).workerThreads(1).maxInFlight(1 << 14).build();

  /** The runtime for samples with a port of their own. */
  static final NativeRuntime SMALL =
      NativeRuntime.builder(LIBRARY).workerThreads(1).maxInFlight(4).build();

  static final DefaultEventExecutor EXECUTOR =
      new DefaultEventExecutor(new DefaultThreadFactory("race-loop", /* daemon= */ true));

  /** The loop that lives as long as the JVM. */
  public static final NettyLoop LOOP = NettyLoop.of(EXECUTOR);

  /** A call of {@code 40 + 2} that Tokio runs. */
  public static final NativeCall<Long> ADD = add(RUNTIME);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int LONGEST_DELAY_NANOS = 20_000;
  private static final int SAMPLES_A_COUNT = 128;

  private static final AtomicInteger SAMPLES = new AtomicInteger();

  /** True once a wait ran out of time; the waits after that get less patience. */
  private static volatile boolean gaveUp;

  private RaceGround() {}

  /** Returns a call of {@code 40 + 2} in any runtime of {@link #LIBRARY}. */
  static NativeCall<Long> add(NativeRuntime runtime) {
    return Fn.ADD.call(runtime, 40L, 2L);
  }

  /** Returns a port without a native half; every caller is on its loop. */
  static Port inlinePort() {
    return RUNTIME.ports.refusing(InlineLoop.INSTANCE, null);
  }

  /**
   * Waits for a condition; returns whether it came true in time. After one that did not, time is
   * short.
   */
  public static boolean await(BooleanSupplier condition) {
    long began = System.nanoTime();
    long patience = gaveUp ? PATIENCE_NANOS / 100 : PATIENCE_NANOS;
    for (int look = 0; !condition.getAsBoolean(); look++) {
      if (look < 1_000) {
        Thread.onSpinWait();
      } else if (System.nanoTime() - began < patience) {
        Thread.yield();
      } else {
        gaveUp = true;
        return false;
      }
    }
    return true;
  }

  /**
   * Waits a random time, so that the other side is anywhere between its first step and its outcome.
   */
  public static void hesitate() {
    long began = System.nanoTime();
    int delay = ThreadLocalRandom.current().nextInt(LONGEST_DELAY_NANOS);
    while (System.nanoTime() - began < delay) {
      Thread.onSpinWait();
    }
  }

  /**
   * Returns what {@link #RUNTIME} still holds when no running sample needs it any more; empty if it
   * holds nothing. Only some samples are examined.
   */
  public static String left() {
    if (SAMPLES.incrementAndGet() % SAMPLES_A_COUNT != 0 || await(RaceGround::isIdle)) {
      return "";
    }
    return ", left behind: " + RUNTIME.metrics();
  }

  private static boolean isIdle() {
    RuntimeMetrics metrics = RUNTIME.metrics();
    return metrics.liveCalls() == 0
        && metrics.liveTasks() == 0
        && metrics.livePayloads() == 0
        && metrics.heldObjects() == 0
        && metrics.liveLocalObjects() == 0
        && metrics.liveSharedObjects() == 0;
  }

  /**
   * A loop that runs no task and never ends: every caller is on it, so that no task is handed over.
   */
  private enum InlineLoop implements OwnerLoop {
    INSTANCE;

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      throw new IllegalStateException("a port that its caller is on has nothing to hand over");
    }

    @Override
    public Runnable onTermination(Runnable action) {
      return () -> {};
    }
  }
}
