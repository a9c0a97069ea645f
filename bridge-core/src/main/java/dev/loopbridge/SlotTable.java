package dev.loopbridge;

import java.util.Arrays;

/**
 * The pending calls of one port, by slot and generation. Owner loop only.
 *
 * <p>A slot is in use from submission until Rust has said the last about it: its outcome and, where
 * the outcome left memory lent, the release of that. Its caller may have been settled long before,
 * by a cancel or by the runtime's end.
 */
final class SlotTable {

  private final int limit;

  private int[] generations = new int[0];
  private int[] free = new int[0];
  private Object[] callbacks = new Object[0];
  private NativeCall<?>[] calls = new NativeCall<?>[0];
  private Object[] lent = new Object[0];

  /** Whether the outcome is in, so that only lent memory keeps the slot. */
  private boolean[] ended = new boolean[0];

  /** Whether a cancel was sent, so that none will be sent again. */
  private boolean[] cancelSent = new boolean[0];

  private int freeCount;
  private int used;
  private int cancelRights;

  SlotTable(int limit) {
    this.limit = limit;
  }

  boolean isFull() {
    return used == limit;
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

  /** Takes a free slot; only if not {@link #isFull()}. */
  int take(NativeCall<?> call, Object callback, Object lentMemory) {
    if (freeCount == 0) {
      grow();
    }
    int slot = free[--freeCount];
    used++;
    cancelRights++;
    callbacks[slot] = callback;
    calls[slot] = call;
    lent[slot] = lentMemory;
    ended[slot] = false;
    cancelSent[slot] = false;
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
        && calls[slot] != null;
  }

  /** Whether the call can still be ended by a cancel. */
  boolean isLive(int slot) {
    return calls[slot] != null && !ended[slot];
  }

  Object callback(int slot) {
    return callbacks[slot];
  }

  NativeCall<?> call(int slot) {
    return calls[slot];
  }

  boolean isLending(int slot) {
    return lent[slot] != null;
  }

  /** Takes the callback out, so that it can be called at most once. */
  Object takeCallback(int slot) {
    Object callback = callbacks[slot];
    callbacks[slot] = null;
    return callback;
  }

  /** Uses up the slot's one cancel; false if it was sent before or the outcome is in. */
  boolean sendCancel(int slot) {
    if (cancelSent[slot] || ended[slot]) {
      return false;
    }
    cancelSent[slot] = true;
    cancelRights--;
    return true;
  }

  /** The outcome is in. */
  void end(int slot) {
    if (!ended[slot]) {
      ended[slot] = true;
      if (!cancelSent[slot]) {
        cancelRights--;
      }
    }
  }

  /**
   * Rust let go of everything: the slot is free. Returns what was lent, for the caller to release.
   */
  Object free(int slot) {
    Object memory = lent[slot];
    callbacks[slot] = null;
    calls[slot] = null;
    lent[slot] = null;
    generations[slot] = generations[slot] == -1 ? 1 : generations[slot] + 1;
    free[freeCount++] = slot;
    used--;
    return memory;
  }

  private void grow() {
    int before = generations.length;
    int size = Math.min(limit, Math.max(16, before * 2));
    // The length of the generations says how many slots there are: they come last, in case the heap
    // has no room for another array.
    free = Arrays.copyOf(free, size);
    callbacks = Arrays.copyOf(callbacks, size);
    calls = Arrays.copyOf(calls, size);
    lent = Arrays.copyOf(lent, size);
    ended = Arrays.copyOf(ended, size);
    cancelSent = Arrays.copyOf(cancelSent, size);
    generations = Arrays.copyOf(generations, size);
    for (int slot = size - 1; slot >= before; slot--) {
      generations[slot] = 1;
      free[freeCount++] = slot;
    }
  }
}
