package dev.loopbridge;

import dev.loopbridge.kit.Fn;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * What all samples of a race share: a sample lasts microseconds, and a library or a runtime takes
 * longer to make than thousands of them. One set for each JVM, and so for each test.
 */
public final class RaceGround {

  /** The library of operations made for tests. */
  public static final NativeLibrary LIBRARY =
      NativeLibrary.load("loopbridge_builtin", RaceGround.class.getClassLoader());

  /** For calls on {@link #LOOP}. */
  public static final NativeRuntime RUNTIME =
      NativeRuntime.builder(LIBRARY).workerThreads(1).maxInFlight(1 << 14).build();

  /** For samples with a port of their own. */
  static final NativeRuntime SMALL =
      NativeRuntime.builder(LIBRARY).workerThreads(1).maxInFlight(4).build();

  static final DefaultEventExecutor EXECUTOR =
      new DefaultEventExecutor(new DefaultThreadFactory("race-loop", /* daemon= */ true));

  /** The loop that lives as long as the JVM. */
  public static final NettyLoop LOOP = NettyLoop.of(EXECUTOR);

  /** {@code 40 + 2}, of Tokio's. */
  public static final NativeCall<Long> ADD = add(RUNTIME);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int LONGEST_DELAY_NANOS = 20_000;
  private static final int SAMPLES_A_COUNT = 128;

  private static final AtomicInteger SAMPLES = new AtomicInteger();

  /** Something did not come; what else does not come is not worth the same patience. */
  private static volatile boolean gaveUp;

  private RaceGround() {}

  /** {@code 40 + 2} in any runtime of {@link #LIBRARY}. */
  static NativeCall<Long> add(NativeRuntime runtime) {
    return Fn.ADD.call(runtime, 40L, 2L);
  }

  /** A port without a native half, whose every caller is on its loop. */
  static Port inlinePort() {
    return RUNTIME.ports.refusing(InlineLoop.INSTANCE, null);
  }

  /** Whether a condition comes true in time; after one that did not, time is short. */
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

  /** Lets the other side get somewhere between its first step and an outcome on the loop. */
  public static void hesitate() {
    long began = System.nanoTime();
    int delay = ThreadLocalRandom.current().nextInt(LONGEST_DELAY_NANOS);
    while (System.nanoTime() - began < delay) {
      Thread.onSpinWait();
    }
  }

  /**
   * What {@link #RUNTIME} still holds when no sample of this moment needs it any more; empty if
   * nothing. Looks at some samples only.
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
        && metrics.liveLocalObjects() == 0;
  }

  /** Runs nothing and never ends: what a call leaves for its loop is done where it is left. */
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
