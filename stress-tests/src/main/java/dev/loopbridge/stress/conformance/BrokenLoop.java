package dev.loopbridge.stress.conformance;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.stress.LoopKind;
import java.util.concurrent.RejectedExecutionException;

/** A loop that breaks one rule, which the checks of the rules must notice. */
final class BrokenLoop implements OwnerLoop {

  /** The fault, and the rule that it breaks. */
  enum Fault {
    REORDERS("L1"),
    ON_ANOTHER_THREAD("L2"),
    INSIDE("L3"),
    MANY_THREADS("L4"),
    AT_ONCE("L5"),
    RUNS_AN_ACTION_TWICE("L6"),
    RUNS_WITHDRAWN_ACTIONS("L7"),
    TAKES_TASKS_WHEN_GONE("L8"),
    FORGETS_LATE_ACTIONS("L9");

    final String rule;

    Fault(String rule) {
      this.rule = rule;
    }
  }

  private final OwnerLoop loop;
  private final Fault fault;
  private Runnable held;
  private volatile boolean gone;

  private BrokenLoop(OwnerLoop loop, Fault fault) {
    this.loop = loop;
    this.fault = fault;
    loop.onTermination(() -> gone = true);
  }

  /** Returns a loop that works like the one it forwards to, but for its fault. */
  static LoopKind.Started of(LoopKind.Started good, Fault fault) {
    return LoopKind.Started.of(new BrokenLoop(good.loop(), fault), good::end);
  }

  @Override
  public boolean inLoop() {
    return fault != Fault.ON_ANOTHER_THREAD && loop.inLoop();
  }

  @Override
  public boolean hasOneThread() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    if (gone) {
      if (fault != Fault.TAKES_TASKS_WHEN_GONE) {
        throw new RejectedExecutionException("gone");
      }
      return;
    }
    switch (fault) {
      case REORDERS -> reorder(task);
      case INSIDE -> {
        if (loop.inLoop()) {
          task.run();
        } else {
          loop.execute(task);
        }
      }
      case MANY_THREADS -> loop.execute(() -> runElsewhere(task));
      case AT_ONCE -> {
        loop.execute(task);
        loop.execute(() -> {});
        if (!loop.inLoop()) {
          task.run();
        }
      }
      default -> loop.execute(task);
    }
  }

  /** Runs each second task before the first. */
  private synchronized void reorder(Runnable task) {
    if (held == null) {
      held = task;
      loop.execute(
          () -> {
            Runnable left;
            synchronized (this) {
              left = held;
              held = null;
            }
            if (left != null) {
              left.run();
            }
          });
    } else {
      Runnable first = held;
      held = null;
      loop.execute(task);
      loop.execute(first);
    }
  }

  private static void runElsewhere(Runnable task) {
    Thread other = new Thread(task);
    other.start();
    try {
      other.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Runnable onTermination(Runnable action) {
    if (gone && fault == Fault.FORGETS_LATE_ACTIONS) {
      return () -> {};
    }
    Runnable notified =
        fault != Fault.RUNS_AN_ACTION_TWICE
            ? action
            : () -> {
              action.run();
              action.run();
            };
    Runnable withdraw = loop.onTermination(notified);
    return fault == Fault.RUNS_WITHDRAWN_ACTIONS ? () -> {} : withdraw;
  }
}
