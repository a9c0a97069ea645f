package dev.loopbridge.reactor;

import dev.loopbridge.LoopContract;
import dev.loopbridge.OwnerLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ReactorSingleLoopTest extends LoopContract {

  private final Map<OwnerLoop, Scheduler> schedulers = new ConcurrentHashMap<>();

  /** The loop contract for a Scheduler of one thread. */
  Scheduler newScheduler() {
    return Schedulers.newSingle("owner");
  }

  @Override
  protected final OwnerLoop open() {
    Scheduler scheduler = newScheduler();
    OwnerLoop loop = ReactorBridge.loop(scheduler);
    schedulers.put(loop, scheduler);
    return loop;
  }

  @Override
  protected final void shutDown(OwnerLoop opened) {
    schedulers.get(opened).dispose();
  }

  @Override
  protected final OwnerLoop again(OwnerLoop opened) {
    return ReactorBridge.loop(schedulers.get(opened));
  }
}
