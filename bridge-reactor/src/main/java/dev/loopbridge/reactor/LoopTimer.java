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

/** What puts a task on a loop after a while; equal delays keep their order. */
interface LoopTimer extends Disposable {

  /**
   * Runs {@code task} on the loop after {@code nanos} nanoseconds.
   *
   * @throws RejectedExecutionException if the loop, or what keeps the time for it, is gone
   */
  Disposable after(long nanos, TimedTask task);

  /** The loop's own timer if it has one, else one of Reactor's. */
  static LoopTimer of(OwnerLoop loop) {
    return loop instanceof NettyLoop netty
        ? new OfNetty(netty.executor())
        : new OfReactor(loop, Schedulers.parallel().createWorker());
  }

  /** Netty loops run delayed tasks themselves. */
  record OfNetty(EventExecutor executor) implements LoopTimer {

    @Override
    public Disposable after(long nanos, TimedTask task) {
      ScheduledFuture<?> timeout = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
      return () -> timeout.cancel(false);
    }

    @Override
    public void dispose() {
      // The executor is the loop's.
    }
  }

  /** One thread of Reactor's keeps the time and hands the tasks to the loop. */
  record OfReactor(OwnerLoop loop, Scheduler.Worker worker) implements LoopTimer {

    @Override
    public Disposable after(long nanos, TimedTask task) {
      return worker.schedule(() -> handOver(task), nanos, TimeUnit.NANOSECONDS);
    }

    private void handOver(TimedTask task) {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException e) {
        task.dispose(); // as a loop that ends drops the delayed tasks it keeps itself
      }
    }

    @Override
    public void dispose() {
      worker.dispose();
    }
  }
}
