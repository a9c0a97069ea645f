package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.loopbridge.NativeCall;
import io.vertx.core.Completable;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a call allocates on its event loop after warm-up, in bytes. */
class AllocationTest extends BridgeTest {

  private static final int WARM_UP_CALLS = 100_000;
  private static final int CALLS = 20_000;

  /**
   * The JIT compiler and Netty's queues need a while to settle, so the bound has to hold in only
   * one of these windows.
   */
  private static final int WINDOWS = 20;

  /**
   * The call, its handle, the promise, what Vert.x allocates to run a handler, and the boxed
   * result.
   */
  private static final long BYTES = 144;

  /** The close hook, which a context has only while it has calls. */
  private static final long BYTES_ONE_BY_ONE = 176;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final NativeCall<Long> call = add.call(1_000L, 2_000L);

  /** Keeps a number of calls in flight, all on the loop; measures over windows of calls. */
  private final class Driver implements Completable<Long> {

    private final CompletableFuture<Long> best = new CompletableFuture<>();
    private long sum;
    private int left = WARM_UP_CALLS;
    private int windows;
    private long before = -1;
    private long least = Long.MAX_VALUE;

    void startOne() {
      call.as(VertxBridge.future()).onComplete(this);
    }

    @Override
    public void complete(Long value, Throwable error) {
      if (error != null) {
        best.completeExceptionally(error); // has no effect on the calls that the end cancels
        return;
      }
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
  }

  private double bytesPerCall(int inFlight) throws Exception {
    ContextInternal context = Verticles.deploy(vertx, ThreadingModel.EVENT_LOOP).context();
    Driver driver = new Driver();
    context.runOnContext(
        event -> {
          for (int i = 0; i < inFlight; i++) {
            driver.startOne();
          }
        });
    double bytes = (double) driver.best.get(120, TimeUnit.SECONDS) / CALLS;
    assertThat(driver.sum % 3_000).isZero();
    return bytes;
  }

  @Test
  void aFutureAllocatesNoMoreThanStated() throws Exception {
    assertThat(bytesPerCall(64)).isPositive().isLessThanOrEqualTo(BYTES);
  }

  @Test
  void aFutureOnItsOwnAllocatesNoMoreThanStated() throws Exception {
    assertThat(bytesPerCall(1)).isPositive().isLessThanOrEqualTo(BYTES_ONE_BY_ONE);
  }
}
