package dev.loopbridge;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The Java objects of one port that Rust may name, by slot and generation. Each is held from the
 * record that passes it to Rust until the record by which Rust drops it. The table is used on the
 * owner loop only, or by the thread that drains in its place after its end.
 */
final class ObjectTable {

  private final OwnerLoop loop;
  private final PortCounters counters;

  /** The invocations of the handlers in this table that a later turn answers with an error. */
  final Unbegun unbegun = new Unbegun();

  private Object[] objects = new Object[0];
  private int[] unitsOf = new int[0];
  private int[] generations = new int[0];
  private int[] free = new int[0];
  private int freeCount;
  private int held;
  private int units;

  ObjectTable(OwnerLoop loop, PortCounters counters) {
    this.loop = loop;
    this.counters = counters;
  }

  /** The loop of the port. */
  OwnerLoop loop() {
    return loop;
  }

  /** The number of places that the objects take ({@link Admission}). */
  int units() {
    return units;
  }

  /** Holds an object for Rust; returns its name, as {@link Passed#passTo} does. */
  long pass(Object object, int itsUnits) {
    int slot = hold(object, itsUnits);
    return RecordLayout.halves(slot, generations[slot]);
  }

  /** Holds an object that takes so many places; returns its slot. */
  int hold(Object object, int itsUnits) {
    if (freeCount == 0) {
      grow();
    }
    counters.held(held + 1); // first: without calls, the rest cannot fail halfway
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

  /** Returns the object; null if Rust has dropped it or never had it. */
  @Nullable Object find(int slot, int generation) {
    return slot >= 0 && slot < objects.length && generations[slot] == generation
        ? objects[slot]
        : null;
  }

  /** Frees the slot of an object that Rust has dropped or never got. */
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

  /** Drops all objects at the end of a port, whose loop reads no more records from Rust. */
  void clear() {
    Arrays.fill(objects, null);
    held = 0;
    units = 0;
    counters.held(0);
  }

  private void grow() {
    int before = objects.length;
    int size = Math.max(4, before * 2);
    // The objects come last, since their length is the number of slots: if the heap has no room for
    // one of the arrays, the table keeps its old size.
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
