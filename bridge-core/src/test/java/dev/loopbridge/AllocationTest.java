package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a call allocates on its loop's thread after warm-up, in bytes. */
class AllocationTest {

  private static final int IN_FLIGHT = 64;
  private static final int WARM_UP_CALLS = 400_000;
  private static final int CALLS = 100_000;

  /**
   * The JIT compiler and Netty's queues need a while to settle, so the bound has to hold in only
   * one of these windows.
   */
  private static final int WINDOWS = 20;

  /**
   * 80 bytes for the stage, its handle and the boxed {@code Long}; 64 that {@code whenComplete}
   * itself allocates.
   */
  private static final long STAGE_BYTES = 144;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final Port port = runtime.on(loop);
  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1_000L, 2_000L);

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  /** Keeps a number of calls in flight, all on the loop; measures over windows of calls. */
  private abstract class Driver {

    private final CompletableFuture<Long> best = new CompletableFuture<>();
    private long sum;
    private int left = WARM_UP_CALLS;
    private int windows;
    private long before = -1;
    private long least = Long.MAX_VALUE;

    abstract void startOne();

    final void settled(long value) {
      sum += value;
      if (--left == 0) {
        window();
        left = CALLS;
      }
      if (windows < WINDOWS) {
        startOne();
      }
    }

    private void window() {
      long now = THREADS.getCurrentThreadAllocatedBytes();
      if (before >= 0) {
        least = Math.min(least, now - before);
        windows++;
      }
      if (windows == WINDOWS) {
        best.complete(least);
      }
      before = THREADS.getCurrentThreadAllocatedBytes();
    }

    final double bytesPerCall() throws Exception {
      loop.execute(
          () -> {
            for (int i = 0; i < IN_FLIGHT; i++) {
              startOne();
            }
          });
      double bytes = (double) best.get(120, TimeUnit.SECONDS) / CALLS;
      assertThat(sum % 3_000).isZero();
      return bytes;
    }
  }

  @Test
  void aRawCallAllocatesNothing() throws Exception {
    Driver driver =
        new Driver() {
          private final RawCallback callback = (ticket, result) -> settled(result.longValue());

          @Override
          void startOne() {
            add.start(port, callback);
          }
        };
    assertThat(driver.bytesPerCall()).isZero();
  }

  @Test
  void aCarrierThatFindsNothingAllocatesNothing() throws Exception {
    ThreadLocal<String> nothing = new ThreadLocal<>();
    NativeRuntime carrying =
        NativeRuntime.builder(Builtin.library())
            .workerThreads(2)
            .context(target -> nothing.get() == null ? null : () -> () -> {})
            .build();
    NativeCall<Long> sum =
        carrying.function("add", Long.class, long.class, long.class).call(1_000L, 2_000L);
    Driver driver =
        new Driver() {
          private final BiConsumer<Long, Throwable> callback = (value, error) -> settled(value);

          @Override
          void startOne() {
            sum.toFuture(loop).whenComplete(callback);
          }
        };
    assertThat(driver.bytesPerCall()).isPositive().isLessThanOrEqualTo(STAGE_BYTES);
    Builtin.closeAndAwaitNothingLeft(carrying);
  }

  @Test
  void aCompletionStageAllocatesNoMoreThanStated() throws Exception {
    Driver driver =
        new Driver() {
          private final BiConsumer<Long, Throwable> callback = (value, error) -> settled(value);

          @Override
          void startOne() {
            add.toFuture(loop).whenComplete(callback);
          }
        };
    assertThat(driver.bytesPerCall()).isPositive().isLessThanOrEqualTo(STAGE_BYTES);
  }
}
