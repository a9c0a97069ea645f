package dev.loopbridge.reactor;

import dev.loopbridge.DeadlockHunt;
import dev.loopbridge.OwnerLoop;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ReactorSingleDeadlockTest extends DeadlockHunt {

  private final Scheduler scheduler = Schedulers.newSingle("owner");

  @Override
  protected OwnerLoop open() {
    return ReactorBridge.loop(scheduler);
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    scheduler.dispose();
  }

  @Override
  protected boolean refusesToWait() {
    return true;
  }
}
