package dev.loopbridge;

import java.util.Arrays;

/**
 * The pending calls of one port, by slot and generation. Owner loop only.
 *
 * <p>A slot is in use from submission until Rust's last record about it: its outcome and, where the
 * outcome left memory lent, the release of that. Its caller may have been settled long before, by a
 * cancel or by the runtime's end.
 *
 * <p>Numbers lie in arrays of numbers: to store a reference into an old array costs the collector
 * more than the rest of a call.
 */
final class SlotTable {

  /** Set while the slot is in use. */
  private static final byte USED = 1;

  /** The outcome is in, so that only lent memory keeps the slot. */
  private static final byte ENDED = 2;

  /** A cancel was sent, so that none will be sent again. */
  private static final byte CANCEL_SENT = 4;

  /** The callback was taken out. */
  private static final byte TAKEN = 8;

  private final int limit;

  private int[] generations = new int[0];
  private int[] functions = new int[0];
  private byte[] states = new byte[0];
  private int[] free = new int[0];
  private Object[] callbacks = new Object[0];
  private Object[] lent = new Object[0];

  private int freeCount;
  private int used;
  private int cancelRights;
  private int lending;

  SlotTable(int limit) {
    this.limit = limit;
  }

  int used() {
    return used;
  }

  /** How many slots in use may still send a cancel. */
  int cancelRights() {
    return cancelRights;
  }

  /** Slots that exist; each below this number may be asked for. */
  int size() {
    return generations.length;
  }

  /** Takes a free slot; only if fewer than the limit are used. */
  int take(int function, Object callback, Object lentMemory) {
    if (freeCount == 0) {
      grow();
    }
    int slot = free[--freeCount];
    used++;
    cancelRights++;
    states[slot] = USED;
    functions[slot] = function;
    if (callbacks[slot] != callback) {
      callbacks[slot] = callback;
    }
    if (lentMemory != null) {
      lent[slot] = lentMemory;
      lending++;
    }
    return slot;
  }

  int generation(int slot) {
    return generations[slot];
  }

  /**
   * How the slot's present use is named: never zero, never the same twice until the generation
   * wraps.
   */
  long ticket(int slot) {
    return (long) generations[slot] << 32 | slot;
  }

  /** Whether {@code generation} is the present use of {@code slot}. */
  boolean isCurrent(int slot, int generation) {
    return slot >= 0
        && slot < generations.length
        && generations[slot] == generation
        && states[slot] != 0;
  }

  /** Whether Rust has yet to say the last about the slot's call. */
  boolean isUsed(int slot) {
    return states[slot] != 0;
  }

  /** Whether the call can still be ended by a cancel. */
  boolean isLive(int slot) {
    return (states[slot] & (USED | ENDED)) == USED;
  }

  /** The callback; null once it was taken. */
  Object callback(int slot) {
    return (states[slot] & TAKEN) == 0 ? callbacks[slot] : null;
  }

  /** The number of the function that the slot's call is of. */
  int function(int slot) {
    return functions[slot];
  }

  /**
   * Takes the callback out, so that it can be called at most once. One that is no step of its own
   * loop, a raw callback, stays in its place: the slot's next call will most likely have the same.
   */
  Object takeCallback(int slot) {
    if ((states[slot] & TAKEN) != 0) {
      return null;
    }
    states[slot] |= TAKEN;
    Object callback = callbacks[slot];
    if (callback instanceof LoopStep) {
      callbacks[slot] = null;
    }
    return callback;
  }

  /**
   * The outcome is in: takes the callback out and, unless memory stays lent, frees the slot. Calls
   * nothing, and so cannot end halfway.
   *
   * @return the callback; null if it was taken before
   */
  Object settle(int slot, boolean staysLent) {
    byte state = states[slot];
    Object callback = null;
    if ((state & TAKEN) == 0) {
      callback = callbacks[slot];
      if (callback instanceof LoopStep) {
        callbacks[slot] = null;
      }
    }
    if ((state & (ENDED | CANCEL_SENT)) == 0) {
      cancelRights--;
    }
    if (staysLent) {
      states[slot] = (byte) (state | TAKEN | ENDED);
      return callback;
    }
    if (lent[slot] != null) {
      lent[slot] = null;
      lending--;
    }
    states[slot] = 0;
    int generation = generations[slot] + 1; // seed M23
    generations[slot] = generation == 0 ? 1 : generation;
    free[freeCount++] = slot;
    used--;
    return callback;
  }

  /** What the slot's call lends; null if nothing. */
  Object lent(int slot) {
    return lent[slot];
  }

  /** How many slots in use lend memory. */
  int lending() {
    return lending;
  }

  /** Uses up the slot's one cancel; false if it was sent before or the outcome is in. */
  boolean sendCancel(int slot) {
    if ((states[slot] & (USED | ENDED | CANCEL_SENT)) != USED) {
      return false;
    }
    states[slot] |= CANCEL_SENT;
    cancelRights--;
    return true;
  }

  private void grow() {
    int before = generations.length;
    int size = Math.min(limit, Math.max(16, before * 2));
    // The length of the generations says how many slots there are: they come last, in case the heap
    // has no room for another array.
    free = Arrays.copyOf(free, size);
    callbacks = Arrays.copyOf(callbacks, size);
    lent = Arrays.copyOf(lent, size);
    functions = Arrays.copyOf(functions, size);
    states = Arrays.copyOf(states, size);
    generations = Arrays.copyOf(generations, size);
    for (int slot = size - 1; slot >= before; slot--) {
      generations[slot] = 1;
      free[freeCount++] = slot;
    }
  }
}
