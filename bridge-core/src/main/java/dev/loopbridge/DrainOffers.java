package dev.loopbridge;

import java.util.concurrent.TimeUnit;

/**
 * Brings drains of one port onto its loop. It has the inbox, Java's side of the wake word, and the
 * retries for a loop that takes no task. Any thread, except where a method has another note.
 *
 * <p>The thread that moves the wake word to SCHEDULED has to bring one drain, and no other thread
 * does (rule 3): a worker brings it by the upcall {@link #wake}, a Java thread by {@link #submit}.
 * One drain too many does no harm and one too few stops the port, so a thread that failed somewhere
 * between the push and the loop offers one.
 */
final class DrainOffers {

  private static final int RETRY_MILLIS = 5;

  private final RuntimeSide runtime;
  private final OwnerLoop loop;
  private final PortLife life;
  private final NativeHalf nativeHalf;
  private final CompletionRing completions;
  private final Inbox inbox;
  private final PortCounters counters;
  private final DrainWatch drainWatch;
  private final PortLog log;
  private final Runnable drain;
  private final Runnable drainOrphaned;

  private volatile Runnable withdrawTermination = () -> {};

  /** Whether a drain is under way. Owner loop only. */
  boolean draining;

  /**
   * @param drain the task that drains on the loop
   * @param drainOrphaned drains in the place of a loop that is gone
   */
  DrainOffers(PortState port, Runnable drain, Runnable drainOrphaned) {
    this.drain = drain;
    this.drainOrphaned = drainOrphaned;
    runtime = port.runtime;
    loop = port.loop;
    life = port.life;
    nativeHalf = port.nativeHalf;
    completions = port.completions;
    inbox = port.inbox;
    counters = port.counters;
    drainWatch = port.drainWatch;
    log = port.log;
  }

  /**
   * Follows the loop to its end. The port must be in its runtime's map by then, since the loop may
   * have ended already, and then the port ends within this call.
   */
  void watchLoop() {
    withdrawTermination = loop.onTermination(this::orphan);
    if (life.isReleased()) {
      stopFollowing();
    }
  }

  /** Stops following the loop, when its end needs no action of this port's any more. */
  void stopFollowing() {
    withdrawTermination.run();
  }

  /** Passes a started or cancelled call, or an answer, to the loop. */
  void submit(LoopStep step) {
    try {
      inbox.push(step); // seed M19
      if (schedule()) {
        offer();
      }
    } catch (StackOverflowError e) {
      bringByRust(e); // pushed or not, since the step of another thread may depend on this drain
    }
  }

  /**
   * Moves the wake word to SCHEDULED; returns whether the caller has to bring a drain. While the
   * JVM shuts down each caller has to, since a worker that moved the word first can make no upcall
   * any more. On a port without a wake word of its own each caller has to as well.
   */
  boolean schedule() {
    return completions.schedule() || life.isRefusing() || runtime.isHalting();
  }

  /** Moves the wake word to idle; returns whether the native half publishes nothing any more. */
  boolean idle() {
    return completions.idle() || runtime.isHalting();
  }

  /**
   * Returns whether a record or a step waits for the loop. A step that another thread is about to
   * push does not count, since that thread schedules a drain afterwards. Owner loop only, or the
   * thread that drains in its place after its end.
   */
  boolean hasMore() {
    return completions.isReady() || !inbox.isEmpty();
  }

  /** The upcall: a worker moved the wake word to SCHEDULED. */
  void wake() {
    counters.wake();
    if (life.isOrphaned()) {
      // Not on this thread: a worker must not run callbacks (rule 4).
      BackgroundThread.EXECUTOR.execute(drainOrphaned);
    } else {
      offer(); // seed M12a M25
    }
  }

  /** Puts a drain on the loop, now or a little later; drains here if the loop is gone. */
  void offer() {
    try {
      if (life.isReleased()) {
        followAgain();
      }
      if (!life.isOrphaned()) {
        put(drain);
        return;
      }
    } catch (Throwable e) {
      // Throwable, since a loop that is written in another language may throw anything. Either the
      // loop is ending, and orphan() will follow, or its queue is full for now.
      offerLater();
      return;
    }
    drainOrphaned.run();
  }

  /** Puts a task that drains on the loop; an exception of the loop's is passed on. */
  void put(Runnable task) {
    drainWatch.puts();
    loop.execute(task);
    runtime.drainWaits();
  }

  /** Puts the rest of a drain behind the loop's other tasks; returns false if the loop refuses. */
  boolean putRest() {
    try {
      put(drain);
      return true;
    } catch (Throwable e) {
      return false;
    }
  }

  /**
   * Follows the loop of a released port once more, since a drain is about to be put on it: a loop
   * that ends may drop the tasks that it took, and then {@link #orphan} has to drain.
   */
  private void followAgain() {
    try {
      withdrawTermination.run();
      withdrawTermination = loop.onTermination(this::orphan);
    } catch (RuntimeException e) {
      log.cannotFollow(e);
    }
  }

  /** Offers a drain again after a while, since it could not be put on the loop now. */
  void offerLater() {
    try {
      StackRoom.require();
      // seed M16
      BackgroundThread.EXECUTOR.schedule(this::offerAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Throwable e) {
      bringByRust(e);
    }
  }

  /** Has Rust bring the drain by an upcall, which needs no memory and no stack of this thread. */
  private void bringByRust(Throwable failure) {
    if (life.isReleased() || !nativeHalf.requestWake()) {
      Rethrow.unchanged(failure);
    }
  }

  private void offerAgain() {
    if (NettyLoop.hasEnded(loop)) {
      orphan(); // Netty reports the end on a new thread, which the system may refuse to start
    } else {
      offer();
    }
  }

  /**
   * Makes sure that a drain will come, which does the work that was left; offers none if one is due
   * already (rule 3). Owner loop only, or the thread that drains in its place after its end.
   */
  void catchUpLater() {
    if (draining) {
      return; // the drain that runs looks for such work when it ends
    }
    try {
      if (!life.isOrphaned() && !schedule()) {
        return;
      }
    } catch (StackOverflowError e) {
      // The wake word may be SCHEDULED by now, so offer: one drain too many is harmless.
    }
    offerLater();
  }

  /** Drains in the loop's place, which has run its last task. */
  private void orphan() {
    life.orphan();
    drainOrphaned.run();
  }
}
