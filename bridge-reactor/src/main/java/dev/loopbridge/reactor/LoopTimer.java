package dev.loopbridge.reactor;

import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A timer that runs tasks on a loop. Owner loop only. */
interface LoopTimer extends Disposable {

  /**
   * Runs {@code task} on the loop after {@code nanos} nanoseconds.
   *
   * @throws RejectedExecutionException if the loop, or what keeps the time for it, is gone
   */
  Disposable after(long nanos, Runnable task);

  /** The loop's own timer if it has one, else one of Reactor's. */
  static LoopTimer of(OwnerLoop loop) {
    return loop instanceof NettyLoop netty
        ? new OfNetty(netty.executor())
        : new OfReactor(loop, Schedulers.parallel().createWorker());
  }

  /** Netty loops run delayed tasks themselves. */
  record OfNetty(EventExecutor executor) implements LoopTimer {

    @Override
    public Disposable after(long nanos, Runnable task) {
      ScheduledFuture<?> timeout = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
      return () -> timeout.cancel(false);
    }

    @Override
    public void dispose() {
      // The executor belongs to the loop and stays.
    }
  }

  /** One thread of Reactor's keeps the time and hands the task to the loop. */
  record OfReactor(OwnerLoop loop, Scheduler.Worker worker) implements LoopTimer {

    @Override
    public Disposable after(long nanos, Runnable task) {
      return worker.schedule(() -> handOver(task), nanos, TimeUnit.NANOSECONDS);
    }

    private void handOver(Runnable task) {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException e) {
        // The loop is gone; one that keeps the time itself drops its delayed tasks then, too.
      }
    }

    @Override
    public void dispose() {
      worker.dispose();
    }
  }
}
