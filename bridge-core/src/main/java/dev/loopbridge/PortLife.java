package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What has become of one port's native half and of its loop. Nothing else touches the word.
 *
 * <p>The state is the product of two parts, since either may end first. The native half is
 *
 * <dl>
 *   <dt>OPEN
 *   <dd>while it takes calls and settles them;
 *   <dt>ENDED
 *   <dd>when it publishes no more outcomes and Java has settled what was left, until all that was
 *       lent to it is free;
 *   <dt>DISCARDED
 *   <dd>when Java has given it back before it ended;
 *   <dt>RELEASED
 *   <dd>when it has ended and was given back;
 *   <dt>REFUSING
 *   <dd>if there never was one, and the port fails each of its calls.
 * </dl>
 *
 * <p>The loop is FOLLOWED while its tasks run, ORPHANED when it has run its last task, and
 * ABANDONED when in addition all that waited for it has failed.
 *
 * <p>Each event, who causes it, and what it does. A cell names the next state and what is to be
 * done then ({@link Order}); a dash is no change and {@link Order#NOTHING}. "Owner" is a task of
 * the loop or, after the loop's last one, the thread inside {@code Drain.drainOrphaned}.
 *
 * <pre>
 * event        thread   OPEN             ENDED            DISCARDED  RELEASED  REFUSING
 * discard      binder   DISCARDED CLOSE  RELEASED CLOSE   -          -         -
 * drained      owner    - SETTLE         -                - SETTLE   -         -
 * ended        owner    ENDED            -                RELEASED   -         -
 * unused       owner    -                RELEASED CLOSE   -          -         -
 *  if orphaned owner    DISCARDED CLOSE  RELEASED CLOSE   -          -         -
 *
 * event        thread   FOLLOWED         ORPHANED         ABANDONED
 * orphan       any      ORPHANED         -                -
 * abandoned    owner    not caused       ABANDONED        -
 * </pre>
 *
 * <p>Orphan and discard come on other threads than the rest and may meet any of it. Each change is
 * one read-modify-write that only sets bits, so that none is lost and one side alone is ordered to
 * CLOSE.
 */
final class PortLife {

  /** The next step of the caller of a transition. */
  enum Order {
    /** Nothing. */
    NOTHING,
    /** To settle what the native half has left, and then to cause {@code ended}. */
    SETTLE,
    /** To close the native half. One caller alone gets this order. */
    CLOSE
  }

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(PortLife.class, "word", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int ENDED = 1;
  private static final int GIVEN_BACK = 2;
  private static final int NO_NATIVE_HALF = 4;
  private static final int ORPHANED = 8;
  private static final int ABANDONED = 16;

  /** Zero is OPEN and FOLLOWED. Volatile, since any thread may ask and some may change it. */
  private volatile int word;

  private PortLife(int word) {
    this.word = word;
  }

  /** Makes the life of a port whose native half is about to be opened. */
  static PortLife open() {
    return new PortLife(0);
  }

  /** Makes the life of a port without a native half. */
  static PortLife refusing() {
    return new PortLife(NO_NATIVE_HALF | ENDED | GIVEN_BACK);
  }

  // Events.

  /** The loop has run its last task. Any thread. */
  void orphan() {
    set(ORPHANED);
  }

  /** All that waited for the loop has failed. Owner, after {@link #orphan}. */
  void abandoned() {
    set(ABANDONED);
  }

  /** The loop cannot be followed, so the port is given up. The thread that binds the loop. */
  Order discard() {
    return giveBack();
  }

  /** The native half publishes no more, and all that it had published is read. Owner. */
  Order drained() {
    return isEnded() ? Order.NOTHING : Order.SETTLE;
  }

  /** What the native half had left is settled. Owner. */
  void ended() {
    set(ENDED);
  }

  /** No slot is in use. Owner. */
  Order unused() {
    return (word & (ENDED | ORPHANED)) == 0 ? Order.NOTHING : giveBack();
  }

  private Order giveBack() {
    return (set(GIVEN_BACK) & GIVEN_BACK) == 0 ? Order.CLOSE : Order.NOTHING;
  }

  private int set(int bit) {
    return (int) WORD.getAndBitwiseOr(this, bit); // seed M34
  }

  // Questions. Any thread.

  /** Returns whether calls are accepted: the native half is OPEN and the loop FOLLOWED. */
  boolean isOpen() {
    return word == 0;
  }

  /** Returns whether the loop has run its last task. */
  boolean isOrphaned() {
    return (word & ORPHANED) != 0;
  }

  /** Returns whether all that waited for a loop that is gone has failed. */
  boolean isAbandoned() {
    return (word & ABANDONED) != 0;
  }

  /** Returns whether Java has settled what the native half had left. */
  boolean isEnded() {
    return (word & ENDED) != 0;
  }

  /** Returns whether there is no native half whose methods may be called, now or from the start. */
  boolean isReleased() {
    return (word & GIVEN_BACK) != 0;
  }

  /** Returns whether there never was a native half, nor a wake word of the port's own. */
  boolean isRefusing() {
    return (word & NO_NATIVE_HALF) != 0;
  }

  /** Returns whether the native half reads the records that are submitted: it is OPEN. */
  boolean isRead() {
    return (word & (ENDED | GIVEN_BACK)) == 0;
  }

  /**
   * Returns whether the loop may have futures to poll: FOLLOWED, the native half not given back.
   */
  boolean isDriving() {
    return (word & (ORPHANED | GIVEN_BACK)) == 0;
  }

  @Override
  public String toString() {
    int now = word;
    String nativeHalf =
        (now & NO_NATIVE_HALF) != 0
            ? "REFUSING"
            : switch (now & (ENDED | GIVEN_BACK)) {
              case 0 -> "OPEN";
              case ENDED -> "ENDED";
              case GIVEN_BACK -> "DISCARDED";
              default -> "RELEASED";
            };
    if ((now & ABANDONED) != 0) {
      return nativeHalf + " ABANDONED";
    }
    return nativeHalf + ((now & ORPHANED) != 0 ? " ORPHANED" : " FOLLOWED");
  }
}
