package dev.loopbridge.stress.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs tasks that mostly wait for other JVMs: two at once, since suites have 2 cores. */
public final class TwoAtOnce {

  private static final int AT_ONCE = 2;

  private TwoAtOnce() {}

  /**
   * Runs all tasks in their order.
   *
   * @throws Exception if one of them failed; the other thread may not have gone through its share
   */
  public static void run(List<Callable<Void>> runs) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      ConcurrentLinkedQueue<Callable<Void>> left = new ConcurrentLinkedQueue<>(runs);
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        workers.add(
            threads.submit(
                () -> {
                  for (Callable<Void> next; (next = left.poll()) != null; ) {
                    next.call();
                  }
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
