package dev.loopbridge;

import java.nio.ByteBuffer;

/**
 * The state of one port, which its parts share: what they are made with, the rings, the tables and
 * the counts. It has no part that does work, and each part takes it.
 */
final class PortState {

  /**
   * The rings of all ports without a native half. Nothing is ever in them, and each step of such a
   * port offers a drain of its own, whatever the wake word is.
   */
  private static final ByteBuffer NO_RINGS = RecordLayout.allocate(2, 2);

  final PortConfig config;
  final RuntimeSide runtime;
  final OwnerLoop loop;

  // Any thread.
  final PortLife life;
  final PortLog log;
  final NativeHalf nativeHalf;
  final ByteBuffer memory;
  final CompletionRing completions;
  final Inbox inbox = new Inbox();
  final PortCounters counters = new PortCounters();
  final DrainWatch drainWatch = new DrainWatch();

  // Owner loop only.
  final SubmissionRing submissions;
  final SlotTable slots;
  final ObjectTable objects;
  final Cells cells;

  /** The most calls in flight. */
  final int maxInFlight;

  /** The places for calls, handlers and objects; each stands for two records in both rings. */
  final int places;

  private final RingMemory rings;

  PortState(PortConfig config, RuntimeSide runtime, OwnerLoop loop, PortLife life, int places) {
    this.config = config;
    this.runtime = runtime;
    this.loop = loop;
    this.life = life;
    log = new PortLog(loop);
    nativeHalf = new NativeHalf(config.library());
    maxInFlight = life.isRefusing() ? 1 : config.maxInFlight();
    this.places = places;
    rings =
        life.isRefusing()
            ? new RingMemory(NO_RINGS, 0)
            : RingMemory.map(config.library(), maxInFlight, capacity());
    memory = rings.words();
    submissions = new SubmissionRing(memory, capacity());
    completions = new CompletionRing(memory, capacity(), capacity());
    cells = new Cells(memory, capacity(), capacity());
    slots = new SlotTable(maxInFlight);
    objects = new ObjectTable(loop, counters);
  }

  /** The records of either ring. */
  private int capacity() {
    return 2 * places;
  }

  /** Opens the native half, which makes {@code upcalls} from then on. */
  void open(PortUpcalls upcalls) {
    nativeHalf.open(config, upcalls, rings, capacity());
  }

  /** Adds the counts of this port to {@code sums}, by the numbers of {@link PortCounters}. */
  void addCounts(long[] sums) {
    counters.addTo(sums);
    // Plain fields of the loop's, so that a call need not store the same numbers once more.
    sums[PortCounters.SUBMITTED] += submissions.published();
    sums[PortCounters.COMPLETED] += completions.consumed();
    sums[PortCounters.LIVE] += slots.used();
    sums[PortCounters.LENDING] += slots.lending();
  }

  /** Drops an object of Rust's that lives on this loop. Owner loop only. */
  void releaseLocal(int slot, int generation) {
    if (life.isOpen()) {
      nativeHalf.releaseLocal(slot, generation);
    }
  }

  /** Closes an object of Rust's that no {@link NativeObject} stands for. */
  void closeObject(long ticket) {
    new ObjectHold(config, runtime, ticket, "an object", "a call").tryClose();
  }

  /** Returns whether the loop may have a drain to run that was put on it and has not begun. */
  boolean isDrainWaiting() {
    return life.isDriving() && drainWatch.isWaiting();
  }

  /** Makes the error of a call that its loop cannot settle any more. */
  OwnerGoneException ownerGone() {
    return new OwnerGoneException(
        loop + " shut down before the native call settled on it; start calls on a loop that lives");
  }

  @Override
  public String toString() {
    return "Port(" + loop + ")";
  }
}
