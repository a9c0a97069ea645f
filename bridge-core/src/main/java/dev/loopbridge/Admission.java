package dev.loopbridge;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether a port has room for one more call, and for the handlers and objects that this
 * call passes to Rust (rule 5). Owner loop only.
 *
 * <p>A port has places, and each place stands for two records in both rings. A call takes one
 * place. A handler or object that Rust holds takes one or more, its <em>units</em>: an object takes
 * one, a handler takes one and one more for each invocation that it allows at a time.
 *
 * <p>A call is refused here, before any of it exists, so that neither ring can ever be full: Rust
 * and the loop add records without waiting for each other.
 */
final class Admission {

  /** Beside its calls, a port with a small limit has these places and some more for each call. */
  private static final int LEAST_PLACES_BESIDE = 64;

  private static final int PLACES_BESIDE_A_CALL = 8;

  /** From this limit on, a port has one place for each call, which handlers and objects share. */
  private static final int ENOUGH_PLACES = 4_096;

  private final OwnerLoop loop;
  private final int maxInFlight;
  private final int places;
  private final SlotTable slots;
  private final ObjectTable objects;
  private final SubmissionRing submissions;

  Admission(PortState port) {
    loop = port.loop;
    maxInFlight = port.maxInFlight;
    places = port.places;
    slots = port.slots;
    objects = port.objects;
    submissions = port.submissions;
  }

  /** Returns the places of a port for so many calls, handlers and objects; a power of two. */
  static int placesFor(int maxInFlight) {
    long some = LEAST_PLACES_BESIDE + (1L + PLACES_BESIDE_A_CALL) * maxInFlight;
    int least = (int) Math.max(maxInFlight, Math.min(some, ENOUGH_PLACES));
    return least == 1 ? 1 : Integer.highestOneBit(least - 1) << 1;
  }

  /** Returns the units of the handlers and objects among these arguments. */
  static int unitsOf(@Nullable Object[] arguments) {
    int units = 0;
    for (Object argument : arguments) {
      if (argument instanceof Passed passed) {
        units += passed.units();
      }
    }
    return units;
  }

  /**
   * Returns whether Rust may hold so many more units of this loop's. Each unit is room for one
   * request of Rust's and for the two records with which this loop may reply: an answer, and the
   * acknowledgement that the request was given up.
   */
  boolean mayHold(int units) {
    return taken() + units <= places && hasRecordsFor(units);
  }

  /** Refuses calls beyond the limit, and handlers and objects for which no place is free. */
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

  /**
   * Returns whether the submission ring has room; a call takes two records, its own and a cancel.
   */
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
