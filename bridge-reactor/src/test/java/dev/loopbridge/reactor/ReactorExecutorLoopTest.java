package dev.loopbridge.reactor;

import java.util.concurrent.Executors;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The loop contract for a Scheduler over an executor that does not report how many threads it has.
 */
class ReactorExecutorLoopTest extends ReactorSingleLoopTest {

  @Override
  Scheduler newScheduler() {
    return Schedulers.fromExecutorService(Executors.newSingleThreadExecutor());
  }
}
