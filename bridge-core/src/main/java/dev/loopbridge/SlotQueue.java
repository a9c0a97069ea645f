package dev.loopbridge;

/**
 * Slots in the order in which they came, each at most once. What was reserved takes no memory any
 * more. Owner loop only.
 */
final class SlotQueue {

  private int[] places = new int[0];
  private boolean[] queued = new boolean[0];
  private int head;
  private int size;

  /** Makes room for all slots below a number. */
  void reserve(int slots) {
    if (slots <= places.length) {
      return;
    }
    int[] more = new int[slots];
    boolean[] moreQueued = new boolean[slots];
    System.arraycopy(queued, 0, moreQueued, 0, queued.length);
    for (int i = 0; i < size; i++) {
      more[i] = places[(head + i) % places.length];
    }
    places = more;
    queued = moreQueued;
    head = 0;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Adds a slot, unless it is here already. */
  void add(int slot) {
    if (!queued[slot]) {
      queued[slot] = true;
      places[(head + size++) % places.length] = slot;
    }
  }

  /** Takes the slot that came first. */
  int remove() {
    int slot = places[head];
    head = (head + 1) % places.length;
    size--;
    queued[slot] = false;
    return slot;
  }
}
