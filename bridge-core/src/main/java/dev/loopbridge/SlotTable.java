package dev.loopbridge;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pending calls of one port, by slot and generation. Owner loop only.
 *
 * <p>A slot is in use from submission until Rust's last record about it. That is the outcome or, if
 * the outcome left memory lent, the record that frees the memory. The caller may have its result
 * long before, by a cancel or by the runtime's end.
 *
 * <p>The numbers lie in arrays of numbers, not in one object for each slot: storing a reference
 * into an old array costs the garbage collector more than the rest of a call.
 */
final class SlotTable {

  /** The flag of a slot in use. */
  private static final byte USED = 1;

  /** The flag of a slot whose outcome was read: only lent memory keeps the slot in use. */
  private static final byte ENDED = 2;

  /** The flag of a slot whose cancel was sent: it is sent once. */
  private static final byte CANCEL_SENT = 4;

  /** The flag of a slot whose callback was taken out. */
  private static final byte TAKEN = 8;

  private final int limit;

  private int[] generations = new int[0];
  private int[] functions = new int[0];
  private byte[] states = new byte[0];
  private int[] free = new int[0];
  private @Nullable Object[] callbacks = new @Nullable Object[0];
  private @Nullable Object[] lent = new @Nullable Object[0];

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

  /** The number of slots in use that may still send a cancel. */
  int cancelRights() {
    return cancelRights;
  }

  /** Gives all slots this generation, for tests of its overflow; all must be free. */
  void renumber(int generation) {
    Arrays.fill(generations, generation);
  }

  /** The number of slots that exist; each number below it is a slot. */
  int size() {
    return generations.length;
  }

  /** Takes a free slot. Fewer slots than the limit must be in use. */
  int take(int function, Object callback) {
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
    return slot;
  }

  /** Keeps what the slot's call lends until the slot is free. */
  void lend(int slot, Object memory) {
    lent[slot] = memory;
    lending++;
  }

  int generation(int slot) {
    return generations[slot];
  }

  /**
   * The name of the slot's present use. It is never zero, and never the same twice until the
   * generation wraps.
   */
  long ticket(int slot) {
    return (long) generations[slot] << 32 | slot;
  }

  /** Returns whether {@code slot} is in use and this use has the number {@code generation}. */
  boolean isCurrent(int slot, int generation) {
    return slot >= 0
        && slot < generations.length
        && generations[slot] == generation
        && states[slot] != 0;
  }

  /** Returns whether Rust's last record about the slot's call is still to come. */
  boolean isUsed(int slot) {
    return states[slot] != 0;
  }

  /** Returns whether a cancel can still end the call. */
  boolean isLive(int slot) {
    return (states[slot] & (USED | ENDED)) == USED;
  }

  /** The callback; null once it was taken out. */
  @Nullable Object callback(int slot) {
    return (states[slot] & TAKEN) == 0 ? callbacks[slot] : null;
  }

  /** The number of the function that the slot's call runs. */
  int function(int slot) {
    return functions[slot];
  }

  /**
   * Takes the callback out, so that it can be called at most once. A raw callback stays in the
   * array, since the slot's next call most likely has the same one and then stores no reference.
   */
  @Nullable Object takeCallback(int slot) {
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
   * Takes the callback out after the outcome was read and, unless memory stays lent, frees the
   * slot. This method calls no other, so that a full stack cannot end it halfway.
   *
   * @return the callback; null if it was taken before
   */
  @Nullable Object settle(int slot, boolean staysLent) {
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

  /** The memory that the slot's call lends; null if it lends none. */
  @Nullable Object lent(int slot) {
    return lent[slot];
  }

  /** The number of slots in use that lend memory. */
  int lending() {
    return lending;
  }

  /** Uses up the slot's one cancel; returns false if it was sent before or the outcome was read. */
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
    // The generations come last, since their length is the number of slots: if the heap has no room
    // for one of the arrays, the table keeps its old size.
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
