package dev.loopbridge;

import org.jspecify.annotations.Nullable;

/** Runs steps on the loop of one port. Any thread, except where a method has another note. */
final class LoopSteps {

  private final OwnerLoop loop;
  private final PortLog log;
  private final DrainOffers offers;

  /** The steps for a later turn, linked as in an inbox. Owner loop only. */
  private @Nullable LoopStep left;

  LoopSteps(PortState port, DrainOffers offers) {
    this.offers = offers;
    loop = port.loop;
    log = port.log;
  }

  /** Runs a step on the loop: at once if the caller is there. */
  void run(LoopStep step) {
    if (loop.inLoop()) {
      step.step();
    } else {
      offers.submit(step);
    }
  }

  /** Leaves a step to a drain, wherever the caller is. */
  void submit(LoopStep step) {
    offers.submit(step);
  }

  /** Leaves a step to a turn of its own. Owner loop only. */
  void later(LoopStep step) {
    if (Inbox.claim(step)) {
      step.next = left == null ? step : left; // the last step is its own next
      left = step;
    }
    offers.catchUpLater();
  }

  /** Returns whether steps were left to a later turn. Owner loop only. */
  boolean isBehind() {
    return left != null;
  }

  /** Runs the steps that were left to a later turn. Owner loop only. */
  void catchUp() {
    LoopStep first = left;
    left = null; // now: a step that is left again waits for another turn
    while (first != null) {
      LoopStep step = first;
      first = step.next == step ? null : step.next;
      step.next = null;
      try {
        step.step();
      } catch (Throwable e) {
        log.callbackThrew(e); // the other steps still run
      }
    }
  }
}
