package dev.loopbridge;

import java.nio.ByteBuffer;

/**
 * The cells of a port: for each of its first slots, memory for one payload that is too long for a
 * record. They lie behind the rings. Owner loop only.
 *
 * <p>The cell of a slot belongs to the call that uses the slot. It first holds the call's
 * arguments, which Rust copies before the call can settle, and later its result, which Rust writes
 * before it publishes the outcome. A result is copied out of the cell when its record is read,
 * before the slot is free for the next call. So nothing in a cell is ever lent, and nothing has to
 * be given back.
 */
final class Cells {

  /** The most cells of a port; a call in a higher slot lends its payloads. */
  private static final int MOST = 1 << 14;

  private final ByteBuffer memory;
  private final int start;
  private final int count;

  /** The cells behind two rings of these capacities: as many as the memory has room for. */
  Cells(ByteBuffer memory, int submissionCapacity, int completionCapacity) {
    this.memory = memory;
    start = Math.toIntExact(RecordLayout.bytes(submissionCapacity, completionCapacity));
    count = (memory.capacity() - start) / RecordLayout.CELL_BYTES;
  }

  /** The bytes that the cells of a port take which allows so many calls in flight. */
  static long bytes(int maxInFlight) {
    return (long) RecordLayout.CELL_BYTES * Math.min(maxInFlight, MOST);
  }

  /** Returns whether the cell of this slot exists and holds so many bytes. */
  boolean hasRoomFor(long bytes, int slot) {
    return bytes <= RecordLayout.CELL_BYTES && slot < count;
  }

  /** The offset of a slot's cell in the port's memory. */
  int offset(int slot) {
    return start + RecordLayout.CELL_BYTES * slot;
  }

  /**
   * Copies a payload out of a slot's cell, as far as the cell and {@code into} go; returns how many
   * bytes that is. Both numbers come from a record and may be wrong.
   */
  int read(int slot, int length, byte[] into) {
    if (slot < 0 || slot >= count) {
      return 0;
    }
    int copied = Math.min(length, Math.min(RecordLayout.CELL_BYTES, into.length));
    memory.get(offset(slot), into, 0, copied);
    return copied;
  }
}
