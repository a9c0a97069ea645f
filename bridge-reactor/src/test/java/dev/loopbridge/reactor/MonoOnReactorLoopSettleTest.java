package dev.loopbridge.reactor;

import dev.loopbridge.OwnerLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The settle table for a Mono whose owner is a Reactor Scheduler. */
class MonoOnReactorLoopSettleTest extends MonoSettleTest {

  private final Map<OwnerLoop, Scheduler> schedulers = new ConcurrentHashMap<>();

  @Override
  protected OwnerLoop openLoop() {
    Scheduler scheduler = Schedulers.newSingle("owner");
    OwnerLoop loop = ReactorBridge.loop(scheduler);
    schedulers.put(loop, scheduler);
    return loop;
  }

  @Override
  protected void shutDownLoop(OwnerLoop opened) {
    schedulers.get(opened).dispose();
  }
}
