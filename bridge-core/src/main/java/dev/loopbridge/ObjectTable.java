package dev.loopbridge;

import java.util.Arrays;

/**
 * The Java objects of one port that Rust may name, by slot and generation, each from the record
 * that passes it to Rust's last word about it. Owner loop only, or what follows it.
 */
final class ObjectTable {

  private final PortCounters counters;

  private Object[] objects = new Object[0];
  private int[] unitsOf = new int[0];
  private int[] generations = new int[0];
  private int[] free = new int[0];
  private int freeCount;
  private int held;
  private int units;

  ObjectTable(PortCounters counters) {
    this.counters = counters;
  }

  /** Places that the objects take. */
  int units() {
    return units;
  }

  /** Takes in an object that takes so many places; its slot. */
  int hold(Object object, int itsUnits) {
    if (freeCount == 0) {
      grow();
    }
    counters.held(held + 1); // first: what calls nothing cannot fail halfway
    held++;
    int slot = free[--freeCount];
    objects[slot] = object;
    unitsOf[slot] = itsUnits;
    units += itsUnits;
    return slot;
  }

  int generation(int slot) {
    return generations[slot];
  }

  /** The object; null if Rust has let go of it, or never had it. */
  Object find(int slot, int generation) {
    return slot >= 0 && slot < objects.length && generations[slot] == generation
        ? objects[slot]
        : null;
  }

  /** Rust has let go of an object, or never got it. */
  void drop(int slot, int generation) {
    if (find(slot, generation) == null) {
      return;
    }
    objects[slot] = null;
    int next = generation + 1;
    generations[slot] = next == 0 ? 1 : next;
    free[freeCount++] = slot;
    units -= unitsOf[slot];
    counters.held(--held);
  }

  /** Lets go of all of them: nobody will drain Rust's last words. */
  void clear() {
    Arrays.fill(objects, null);
    held = 0;
    units = 0;
    counters.held(0);
  }

  private void grow() {
    int before = objects.length;
    int size = Math.max(4, before * 2);
    // The length of the objects says how many slots there are: they come last, in case the heap has
    // no room for another array.
    free = Arrays.copyOf(free, size);
    unitsOf = Arrays.copyOf(unitsOf, size);
    generations = Arrays.copyOf(generations, size);
    objects = Arrays.copyOf(objects, size);
    for (int slot = size - 1; slot >= before; slot--) {
      generations[slot] = 1;
      free[freeCount++] = slot;
    }
  }
}
