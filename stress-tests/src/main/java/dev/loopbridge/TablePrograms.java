package dev.loopbridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Runs random programs on the tables that name calls and objects for Rust, each against a model
 * that never uses a name again. The tables belong to the owner loop, so a program has one thread.
 */
public final class TablePrograms {

  private static final int STEPS = 32;
  private static final int CALLS = 6;

  /** A step returns this if its call is not in the table. */
  private static final int GONE = -1;

  /** A second outcome returns this. */
  private static final int ENDED = -2;

  private TablePrograms() {}

  /** The table on which a program runs. */
  public enum Table {
    SLOTS,
    OBJECTS,
    /** A positive control: each slot that becomes free gives all slots their first names again. */
    RENUMBERED_SLOTS;

    private Calls calls() {
      return switch (this) {
        case SLOTS -> new Slots(false);
        case OBJECTS -> new Objects();
        case RENUMBERED_SLOTS -> new Slots(true);
      };
    }

    /** Returns the number of steps that the table has: objects have the first three. */
    private int steps() {
      return this == OBJECTS ? 3 : Step.values().length;
    }
  }

  private enum Step {
    TAKE,
    LOOK,
    FREE,
    OUTCOME,
    SEND_CANCEL,
    TAKE_CALLBACK
  }

  /**
   * Runs one random program on a table and on the model; returns where they differ, or an empty
   * text.
   */
  public static String differ(Table table, SplittableRandom random) {
    Calls calls = table.calls();
    Model model = new Model();
    StringBuilder program = new StringBuilder();
    for (int i = 0; i < STEPS; i++) {
      Step step = Step.values()[random.nextInt(table.steps())];
      int call = step == Step.TAKE ? model.taken : random.nextInt(CALLS);
      boolean lends = step == Step.TAKE && random.nextBoolean();
      program.append(' ').append(step).append(lends ? " LENT " : " ").append(call);
      int expected = model.run(step, call, lends);
      int seen = calls.run(step, call, lends);
      if (seen != expected) {
        return program + " is " + seen + ", expected " + expected;
      }
      Counts counted = calls.counts();
      Counts counts = table == Table.OBJECTS ? model.units() : model.counts();
      if (!counted.equals(counts)) {
        return program + " leaves " + counted + ", expected " + counts;
      }
    }
    return "";
  }

  private record Counts(int used, int cancelRights, int lending) {}

  /** A table that a program uses; calls are numbered in the order in which they were taken. */
  private abstract static class Calls {

    private final List<Long> names = new ArrayList<>();

    /** Runs a step of a call; returns what a program can see of it. */
    final int run(Step step, int call, boolean lends) {
      if (step == Step.TAKE) {
        long name = take(call, lends);
        boolean fresh = !names.contains(name);
        names.add(name);
        return fresh ? call : GONE;
      }
      return call < names.size() ? run(step, call, names.get(call)) : GONE;
    }

    abstract long take(int call, boolean lends);

    abstract int run(Step step, int call, long name);

    abstract Counts counts();
  }

  /** The slots of pending calls. */
  private static final class Slots extends Calls {

    private final SlotTable slots = new SlotTable(STEPS);
    private final List<Object> callbacks = new ArrayList<>();
    private final List<Object> memory = new ArrayList<>();
    private final boolean renumbers;

    Slots(boolean renumbers) {
      this.renumbers = renumbers;
    }

    /** Returns a callback: a raw one stays in its free slot, a step leaves the slot. */
    @Override
    long take(int call, boolean lends) {
      Object callback = call % 2 == 0 ? new Raw(call) : new Stepping();
      Object lent = lends ? new Object() : null;
      callbacks.add(callback);
      memory.add(lent);
      int slot = slots.take(call, callback);
      if (lent != null) {
        slots.lend(slot, lent);
      }
      return slots.ticket(slot);
    }

    @Override
    int run(Step step, int call, long name) {
      int slot = (int) name;
      if (!slots.isCurrent(slot, (int) (name >>> 32))) {
        return GONE;
      }
      return switch (step) {
        case FREE -> free(slot, call);
        case OUTCOME -> slots.isLive(slot) ? whose(slots.settle(slot, true), call) : ENDED;
        case SEND_CANCEL -> slots.sendCancel(slot) ? 1 : 0;
        case TAKE_CALLBACK -> whose(slots.takeCallback(slot), call);
        default ->
            whose(slots.callback(slot), call)
                + (slots.lent(slot) == memory.get(call) ? 0 : 10)
                + (slots.function(slot) == call ? 0 : 100);
      };
    }

    private int free(int slot, int call) {
      int whose = whose(slots.settle(slot, false), call);
      if (renumbers) {
        slots.renumber(1);
      }
      return whose;
    }

    /** Returns 0 if there is no callback, 1 if it is the call's own, 2 if it is another call's. */
    private int whose(Object callback, int call) {
      return callback == null ? 0 : callback == callbacks.get(call) ? 1 : 2;
    }

    @Override
    Counts counts() {
      return new Counts(slots.used(), slots.cancelRights(), slots.lending());
    }
  }

  private record Raw(int call) implements RawCallback {

    @Override
    public void settled(long ticket, NativeResult result) {}
  }

  private static final class Stepping extends LoopStep {

    @Override
    void step() {}
  }

  /** The table of the objects that Rust may name; a lent object takes two places. */
  private static final class Objects extends Calls {

    private final ObjectTable table = new ObjectTable(null, new PortCounters());
    private final List<Object> objects = new ArrayList<>();

    @Override
    long take(int call, boolean lends) {
      Object object = new Object();
      objects.add(object);
      int slot = table.hold(object, lends ? 2 : 1);
      return (long) table.generation(slot) << 32 | slot;
    }

    @Override
    int run(Step step, int call, long name) {
      int slot = (int) name;
      int generation = (int) (name >>> 32);
      Object found = table.find(slot, generation);
      if (step == Step.FREE) {
        table.drop(slot, generation);
      }
      return found == null ? GONE : found == objects.get(call) ? 1 : 2;
    }

    @Override
    Counts counts() {
      return new Counts(table.units(), 0, 0);
    }
  }

  /** The model of a table: a map by numbers that are never used again. */
  private static final class Model {

    private static final class Call {

      final boolean lends;
      boolean callbackTaken;
      boolean cancelSent;
      boolean ended;

      Call(boolean lends) {
        this.lends = lends;
      }

      int takeCallback() {
        int whose = callbackTaken ? 0 : 1;
        callbackTaken = true;
        return whose;
      }

      boolean mayCancel() {
        return !ended && !cancelSent;
      }
    }

    private final Map<Integer, Call> calls = new HashMap<>();
    private int taken;

    int run(Step step, int number, boolean lends) {
      if (step == Step.TAKE) {
        calls.put(number, new Call(lends));
        return taken++;
      }
      Call call = step == Step.FREE ? calls.remove(number) : calls.get(number);
      if (call == null) {
        return GONE;
      }
      switch (step) {
        case OUTCOME -> {
          if (call.ended) {
            return ENDED;
          }
          call.ended = true;
          return call.takeCallback();
        }
        case SEND_CANCEL -> {
          boolean sends = call.mayCancel();
          call.cancelSent |= sends;
          return sends ? 1 : 0;
        }
        case LOOK -> {
          return call.callbackTaken ? 0 : 1;
        }
        default -> {
          return call.takeCallback();
        }
      }
    }

    Counts counts() {
      int cancelRights = (int) calls.values().stream().filter(Call::mayCancel).count();
      return new Counts(calls.size(), cancelRights, lending());
    }

    Counts units() {
      return new Counts(calls.size() + lending(), 0, 0);
    }

    private int lending() {
      return (int) calls.values().stream().filter(call -> call.lends).count();
    }
  }
}
