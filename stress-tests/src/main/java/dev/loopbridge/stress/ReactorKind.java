package dev.loopbridge.stress;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.reactor.ReactorBridge;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The kind of a single Scheduler of Reactor's. */
public final class ReactorKind implements LoopKind {

  @Override
  public String name() {
    return "reactor";
  }

  @Override
  public Started start() {
    Scheduler scheduler = Schedulers.newSingle("reactor", /* daemon= */ true);
    OwnerLoop loop = ReactorBridge.loop(scheduler);
    return Started.of(loop, scheduler::dispose);
  }
}
