package dev.loopbridge.stress.codec;

import dev.loopbridge.RecordForge;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Forged records for the dispatcher of a port. Between two of them goes a call that has to be
 * answered as always. No address is forged, since native code has to trust Java's addresses.
 */
final class DispatcherFuzz {

  /** {@link #next} returns this for a call that is not answered. */
  static final String HANGS = "the call behind a record was not answered";

  private static final String[] FUNCTIONS = {
    "noop",
    "add",
    "addInt",
    "not",
    "echo",
    "echoString",
    "echoOptionalLong",
    "echoOptionalString",
    "echoOptionalBytes",
    "sumBytes",
    "panic",
    "giveBack",
    "localAdd"
  };

  private static final int VALUE = 1;
  private static final int SLOTS = 32;
  private static final int CELL = 4;
  private static final int MOST_IN_CELL = 17 * 64;
  private static final int MOST_INLINE = 40;
  private static final int MOST_ARGUMENTS = 48;
  private static final int REFUSED = 6;
  private static final int DROP = 11;
  private static final int LAST_KIND = 13;

  /** Stands for no outcome, or for one that this class does not predict. */
  private static final int UNKNOWN = -1;

  private final RecordForge forge;
  private final int add;
  private final int[] functions;

  /** The calls whose answers may still come. */
  private final Set<Id> asked = new HashSet<>();

  private SplittableRandom random = new SplittableRandom();
  private int generation = 1;

  private record Id(int slot, int generation) {}

  DispatcherFuzz(RecordForge forge) {
    this.forge = forge;
    this.add = forge.number("add");
    this.functions = new int[FUNCTIONS.length];
    for (int i = 0; i < FUNCTIONS.length; i++) {
      functions[i] = forge.number(FUNCTIONS[i]);
    }
  }

  /** Sets the source of all random values from now on. */
  void seed(SplittableRandom by) {
    random = by;
  }

  /**
   * Submits one record, then a call; returns the error found, or null. Calls are answered in any
   * order: a slow one has a task of its own.
   */
  String next() {
    byte[] record = record();
    ByteBuffer words = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    int expected = expected(words);
    Id named = new Id(words.getInt(8), words.getInt(12));
    asked.add(named);
    forge.submit(record);
    long a = random.nextLong();
    long b = random.nextLong();
    Id own = new Id(0, ++generation);
    forge.submit(RecordForge.call(add, own.slot, own.generation, a, b));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RoundTrips.PATIENCE_SECONDS);
    boolean answered = expected == UNKNOWN;
    boolean added = false;
    while (!answered || !added) {
      if (System.nanoTime() > deadline) {
        return added ? "no answer to " + Arrays.toString(record) : HANGS;
      }
      for (RecordForge.Outcome outcome : forge.answers()) {
        Id id = new Id(outcome.slot(), outcome.generation());
        if (id.equals(own)) {
          if (added || outcome.kind() != VALUE || outcome.word() != a + b) {
            return "the call behind a record was answered " + outcome;
          }
          added = true;
          continue;
        }
        boolean known = outcome.kind() >= VALUE && outcome.kind() <= LAST_KIND;
        int most = (outcome.flags() & CELL) == 0 ? MOST_INLINE : MOST_IN_CELL;
        if (!known || outcome.inlineLength() > most || (outcome.flags() & ~7) != 0) {
          return "an answer that is none: " + outcome;
        }
        if (outcome.kind() == DROP) {
          continue;
        }
        if (!asked.remove(id)) {
          return "an answer without a call: " + outcome;
        }
        if (id.equals(named)) {
          if (expected != UNKNOWN && expected != outcome.kind()) {
            return "expected outcome "
                + expected
                + ", not "
                + outcome
                + ", of "
                + Arrays.toString(record);
          }
          answered = true;
        }
      }
      Thread.onSpinWait();
    }
    return null;
  }

  /** Predicts the outcome of a record from its bytes; for some records it cannot. */
  private int expected(ByteBuffer record) {
    int kind = record.get(0) & 0xff;
    int slot = record.getInt(8);
    if (slot <= 0 || slot >= SLOTS || kind >= 2 && kind <= 5) {
      return UNKNOWN;
    }
    int length = record.getShort(2) & 0xffff;
    int function = record.getInt(4);
    if (kind == 1 && record.get(1) == CELL) {
      // An earlier answer may lie in the cell, and be read as arguments.
      return length > MOST_IN_CELL || function < 0 ? REFUSED : UNKNOWN;
    }
    if (kind != 1 || record.get(1) != 0 || length > MOST_ARGUMENTS || function < 0) {
      return REFUSED;
    }
    return switch (name(function)) {
      case "noop" -> length == 0 ? VALUE : REFUSED;
      case "add" -> length == 16 ? VALUE : REFUSED;
      case "addInt" -> length == 8 ? VALUE : REFUSED;
      case "echo", "sumBytes" ->
          length >= 5 && record.get(16) == 0 && record.getInt(17) == length - 5 ? VALUE : REFUSED;
      case "localAdd", "giveBack" -> REFUSED;
      default -> UNKNOWN;
    };
  }

  private String name(int function) {
    for (int i = 0; i < functions.length; i++) {
      if (functions[i] == function) {
        return FUNCTIONS[i];
      }
    }
    return "";
  }

  private byte[] record() {
    byte[] record = new byte[RecordForge.RECORD_BYTES];
    random.nextBytes(record);
    if (random.nextInt(4) > 0) {
      record[0] = (byte) random.nextInt(7);
    }
    ByteBuffer words = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    int flags = random.nextInt(8) == 0 ? record[1] : 0;
    // A lent buffer and a payload of arguments both need an address, which is not forged.
    record[1] = (byte) (flags & ~(record[0] == 1 ? 3 : 2));
    if (random.nextInt(4) > 0) {
      words.putShort(2, (short) random.nextInt(52));
      words.putInt(
          4, record[0] == 3 ? random.nextInt(5) : functions[random.nextInt(functions.length)]);
    } else if (record[0] == 1 || record[0] == 5) {
      words.putInt(4, Integer.MIN_VALUE | words.getInt(4)); // no function has that number
    }
    if (random.nextInt(4) > 0) {
      words.putInt(8, 1 + random.nextInt(SLOTS - 1));
    } else if (words.getInt(8) == 0) {
      words.putInt(8, SLOTS);
    }
    for (int i = 16; i < 64; i++) {
      if (random.nextBoolean()) {
        record[i] = (byte) random.nextInt(3);
      }
    }
    if (random.nextBoolean()) {
      record[16] = 0;
      words.putInt(
          17, words.getShort(2) - 5 + (random.nextInt(3) == 0 ? random.nextInt(5) - 2 : 0));
    }
    return record;
  }
}
