package dev.loopbridge.reactor;

import java.util.concurrent.Executors;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A Scheduler over an executor that does not tell how many threads it has. */
class ReactorExecutorLoopTest extends ReactorSingleLoopTest {

  @Override
  Scheduler newScheduler() {
    return Schedulers.fromExecutorService(Executors.newSingleThreadExecutor());
  }
}
