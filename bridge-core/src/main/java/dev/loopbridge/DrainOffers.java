package dev.loopbridge;

import java.util.concurrent.TimeUnit;

/**
 * Brings drains of one port onto its loop: the inbox, Java's side of the wake word, and what is
 * done about a loop that takes no task. Any thread, unless a method says otherwise.
 *
 * <p>Whoever moves the wake word to SCHEDULED has to bring one drain, and nobody else does (rule
 * 3): a worker by the upcall {@link #wake}, a Java thread by {@link #submit}. One drain too many
 * finds nothing, so whoever failed somewhere between a push and the loop offers one.
 */
final class DrainOffers {

  private static final int RETRY_MILLIS = 5;

  private final NativeRuntime runtime;
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
   * @param drainOrphaned what drains in the place of a loop that is gone
   */
  DrainOffers(
      NativeRuntime runtime,
      OwnerLoop loop,
      PortLife life,
      NativeHalf nativeHalf,
      CompletionRing completions,
      Inbox inbox,
      PortCounters counters,
      DrainWatch drainWatch,
      PortLog log,
      Runnable drain,
      Runnable drainOrphaned) {
    this.runtime = runtime;
    this.loop = loop;
    this.life = life;
    this.nativeHalf = nativeHalf;
    this.completions = completions;
    this.inbox = inbox;
    this.counters = counters;
    this.drainWatch = drainWatch;
    this.log = log;
    this.drain = drain;
    this.drainOrphaned = drainOrphaned;
  }

  /**
   * Follows the loop to its end. Called when the port is in its runtime's map, since that end may
   * have come already.
   */
  void watchLoop() {
    withdrawTermination = loop.onTermination(this::orphan);
    if (life.isReleased()) {
      stopFollowing();
    }
  }

  /** The loop's end needs no action of this port's. */
  void stopFollowing() {
    withdrawTermination.run();
  }

  /** Hands a started or cancelled call, or an answer, to the loop. */
  void submit(LoopStep step) {
    try {
      inbox.push(step); // seed M19
      if (schedule()) {
        offer();
      }
    } catch (StackOverflowError e) {
      bringByRust(e); // pushed or not: whoever pushed before may rely on this drain
    }
  }

  /**
   * Moves the wake word to SCHEDULED; true if the caller has to bring a drain. While the JVM goes
   * down each caller has to, since a worker that was first cannot; and so has each caller of a port
   * that has no wake word of its own.
   */
  boolean schedule() {
    return completions.schedule() || life.isRefusing() || runtime.isHalting();
  }

  /** Moves the wake word to idle; true if nothing more is to come from the native half. */
  boolean idle() {
    return completions.idle() || runtime.isHalting();
  }

  /**
   * Whether anything waits for the loop. Not what another thread is only about to put into the
   * inbox: the loop does not wait for it, and that thread schedules a drain afterwards. Owner loop
   * only, or what follows it.
   */
  boolean hasMore() {
    return completions.isReady() || !inbox.isEmpty();
  }

  /** The upcall: a worker moved the wake word to SCHEDULED. */
  void wake() {
    counters.wake();
    if (life.isOrphaned()) {
      Sideline.EXECUTOR.execute(drainOrphaned); // callbacks, which no worker may run (rule 4)
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
      // What a loop throws need not be declared where it was written in another language.
      // Either the loop is ending, then its termination takes over, or its queue is full for now.
      offerLater();
      return;
    }
    drainOrphaned.run();
  }

  /** Puts a task that drains on the loop; throws what the loop throws. */
  void put(Runnable task) {
    drainWatch.puts();
    loop.execute(task);
    runtime.loopWatch().drainWaits();
  }

  /** Puts the rest of a drain behind the loop's other tasks; false if the loop does not take it. */
  boolean putRest() {
    try {
      put(drain);
      return true;
    } catch (Throwable e) {
      return false;
    }
  }

  /** Nobody follows a released port's loop any more, and one that ends may forget what it took. */
  private void followAgain() {
    try {
      withdrawTermination.run();
      withdrawTermination = loop.onTermination(this::orphan);
    } catch (RuntimeException e) {
      log.cannotFollow(e);
    }
  }

  /** For whoever could not put a drain on the loop. */
  void offerLater() {
    try {
      StackRoom.require();
      // seed M16
      Sideline.EXECUTOR.schedule(this::offerAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Throwable e) {
      bringByRust(e);
    }
  }

  /** Without memory or stack for a drain, Rust is asked to bring it, which needs none here. */
  private void bringByRust(Throwable failure) {
    if (life.isReleased() || !nativeHalf.requestWake()) {
      Rethrow.unchanged(failure);
    }
  }

  private void offerAgain() {
    if (NettyLoop.hasEnded(loop)) {
      orphan(); // Netty says so on a thread that it starts for that, and may not get
    } else {
      offer();
    }
  }

  /**
   * Sees to it that a drain comes that catches up, without a second one beside one that is to come
   * (rule 3). Owner loop only, or what follows it.
   */
  void catchUpLater() {
    if (draining) {
      return; // it looks when it ends
    }
    try {
      if (!life.isOrphaned() && !schedule()) {
        return;
      }
    } catch (StackOverflowError e) {
      // Rather one drain too many than none.
    }
    offerLater();
  }

  /** The loop has run its last task. */
  private void orphan() {
    life.orphan();
    drainOrphaned.run();
  }
}
