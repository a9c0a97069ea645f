package dev.loopbridge;

/**
 * Who gets in: whether a port has room for one more call, and for what that call would have Rust
 * hold of its loop (rule 5). Owner loop only.
 *
 * <p>A port has places. A call takes one, and what Rust holds takes <em>units</em> of them: an
 * object one, a handler one and one more for each invocation it allows at a time. Each place stands
 * for two records in both rings.
 */
final class Admission {

  /** A small limit on calls has places beside them: these, and some for each call. */
  private static final int LEAST_PLACES_BESIDE = 64;

  private static final int PLACES_BESIDE_A_CALL = 8;

  /** From this limit on, calls and what Rust holds share as many places as calls are allowed. */
  private static final int ENOUGH_PLACES = 4_096;

  private final OwnerLoop loop;
  private final int maxInFlight;
  private final int places;
  private final SlotTable slots;
  private final ObjectTable objects;
  private final SubmissionRing submissions;

  Admission(
      OwnerLoop loop,
      int maxInFlight,
      int places,
      SlotTable slots,
      ObjectTable objects,
      SubmissionRing submissions) {
    this.loop = loop;
    this.maxInFlight = maxInFlight;
    this.places = places;
    this.slots = slots;
    this.objects = objects;
    this.submissions = submissions;
  }

  /** Places of a port for so many calls, their handlers and objects; a power of two. */
  static int placesFor(int maxInFlight) {
    long some = LEAST_PLACES_BESIDE + (1L + PLACES_BESIDE_A_CALL) * maxInFlight;
    int least = (int) Math.max(maxInFlight, Math.min(some, ENOUGH_PLACES));
    return least == 1 ? 1 : Integer.highestOneBit(least - 1) << 1;
  }

  /** Units of the handlers and objects among these arguments. */
  static int unitsOf(Object[] arguments) {
    int units = 0;
    for (Object argument : arguments) {
      if (argument instanceof JavaHandler<?, ?> handler) {
        units += handler.units();
      } else if (argument instanceof LoopRef<?>) {
        units++;
      }
    }
    return units;
  }

  /**
   * Whether Rust may hold so much more of this loop's. Each unit is room for what Rust may ask by
   * it and what this loop may say to that: an answer, and the acknowledgement that it was given up.
   */
  boolean mayHold(int units) {
    return taken() + units <= places && hasRecordsFor(units);
  }

  /** Refuses calls beyond the limit, and what they would have Rust hold beyond its own. */
  void requireRoomFor(int calls, int units) {
    if (slots.used() + calls > maxInFlight) {
      throw new TooManyInFlightException(
          slots.used()
              + " calls are in flight on "
              + loop
              + ", the limit is "
              + maxInFlight
              + "; wait for some to settle or raise NativeRuntime.Builder.maxInFlight");
    }
    if (taken() + calls + units > places) {
      throw tooFewPlaces(calls + units);
    }
    if (!hasRecordsFor(calls + units)) {
      throw new TooManyInFlightException(
          "Rust has yet to read what "
              + loop
              + " has submitted and cancelled; wait for some calls to settle");
    }
  }

  private int taken() {
    return slots.used() + objects.units();
  }

  /** A call takes its record and that of its cancel. */
  private boolean hasRecordsFor(int more) {
    return submissions.hasRoomFor(slots.cancelRights() + 2 * (objects.units() + more));
  }

  private TooManyInFlightException tooFewPlaces(int more) {
    return new TooManyInFlightException(
        "this call takes "
            + more
            + " places of "
            + loop
            + ", of whose "
            + places
            + " the calls in flight take "
            + slots.used()
            + " and what Rust holds "
            + objects.units()
            + ": a call and a LoopRef take one, a handler one and one more for each invocation that"
            + " it allows at once; wait for some to settle, allow fewer by JavaHandler.atOnce, or"
            + " raise NativeRuntime.Builder.maxInFlight");
  }
}
