package dev.loopbridge;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The tables that name what crosses the boundary, against a model that never uses a name again.
 * They belong to the owner loop, and so to one thread: a scene is one program of random steps, and
 * needs no interleavings.
 */
public final class TableScenes {

  private static final int STEPS = 24;
  private static final int CALLS = 6;

  private TableScenes() {}

  /** Runs one random program on a table and on the model; where they part, empty if nowhere. */
  public static String differ(Calls calls, SplittableRandom random) {
    Names names = new Names();
    StringBuilder program = new StringBuilder();
    for (int step = 0; step < STEPS; step++) {
      int call = random.nextInt(CALLS);
      String expected;
      String seen;
      switch (random.nextInt(4)) {
        case 0 -> {
          program.append(" take()");
          expected = String.valueOf(names.take());
          seen = String.valueOf(calls.take());
        }
        case 1 -> {
          program.append(" isCurrent(").append(call).append(')');
          expected = String.valueOf(names.isCurrent(call));
          seen = String.valueOf(calls.isCurrent(call));
        }
        case 2 -> {
          program.append(" end(").append(call).append(')');
          expected = String.valueOf(names.end(call));
          seen = String.valueOf(calls.end(call));
        }
        default -> {
          program.append(" free(").append(call).append(')');
          expected = String.valueOf(names.free(call));
          seen = String.valueOf(calls.free(call));
        }
      }
      if (!expected.equals(seen)) {
        return program + " is " + seen + ", expected " + expected;
      }
    }
    return "";
  }

  /** What a table of slots can do, by the number of the call: the names themselves may differ. */
  interface Table {

    long take();

    boolean isCurrent(long name);

    boolean end(long name);

    boolean free(long name);
  }

  /** One table under a scene. */
  public abstract static class Calls {

    private final Map<Integer, Long> names = new TreeMap<>();
    private final Table table;

    Calls(Table table) {
      this.table = table;
    }

    /** The number of the new call; -1 if its name is that of one in use. */
    public int take() {
      long name = table.take();
      boolean fresh = !names.containsValue(name);
      names.put(names.size(), name);
      return fresh ? names.size() - 1 : -1;
    }

    /** Whether a call is in the table. */
    public boolean isCurrent(int call) {
      return names.containsKey(call) && table.isCurrent(names.get(call));
    }

    /** A call's outcome is in; whether it was the first. */
    public boolean end(int call) {
      return names.containsKey(call) && table.end(names.get(call));
    }

    /** Lets go of a call; whether it was there. */
    public boolean free(int call) {
      return names.containsKey(call) && table.free(names.get(call));
    }
  }

  /** The slots of pending calls. */
  public static class Slots extends Calls {

    /** Empty. */
    public Slots() {
      super(new OfSlots(new SlotTable(64)));
    }
  }

  private record OfSlots(SlotTable slots) implements Table {

    @Override
    public long take() {
      return slots.ticket(slots.take(0, (RawCallback) (ticket, result) -> {}, null));
    }

    @Override
    public boolean isCurrent(long name) {
      return slots.isCurrent((int) name, (int) (name >>> 32));
    }

    @Override
    public boolean end(long name) {
      if (!isCurrent(name) || !slots.isLive((int) name)) {
        return false;
      }
      return slots.settle((int) name, true) != null;
    }

    @Override
    public boolean free(long name) {
      if (!isCurrent(name)) {
        return false;
      }
      slots.settle((int) name, false);
      return true;
    }
  }

  /** The objects that Rust may name. */
  public static class Objects extends Calls {

    /** Empty. */
    public Objects() {
      super(new OfObjects(new ObjectTable(new PortCounters()), new HashMap<>()));
    }
  }

  /** An object ends, for a scene, when it is looked up for the first time. */
  private record OfObjects(ObjectTable objects, Map<Object, Boolean> ended) implements Table {

    @Override
    public long take() {
      Object object = new Object();
      int slot = objects.hold(object, 1);
      return (long) objects.generation(slot) << 32 | slot;
    }

    private Object find(long name) {
      return objects.find((int) name, (int) (name >>> 32));
    }

    @Override
    public boolean isCurrent(long name) {
      return find(name) != null;
    }

    @Override
    public boolean end(long name) {
      Object object = find(name);
      return object != null && ended.put(object, true) == null;
    }

    @Override
    public boolean free(long name) {
      boolean there = isCurrent(name);
      objects.drop((int) name, (int) (name >>> 32));
      return there;
    }
  }

  /** A positive control: a table that forgets to change the name of a place that it gives again. */
  public static class BrokenSlots extends Calls {

    /** Empty. */
    public BrokenSlots() {
      super(new OfPlaces(new boolean[64], new boolean[64]));
    }
  }

  private record OfPlaces(boolean[] used, boolean[] ended) implements Table {

    @Override
    public long take() {
      int place = 0;
      while (used[place]) {
        place++;
      }
      used[place] = true;
      ended[place] = false;
      return place;
    }

    @Override
    public boolean isCurrent(long name) {
      return used[(int) name];
    }

    @Override
    public boolean end(long name) {
      boolean first = used[(int) name] && !ended[(int) name];
      ended[(int) name] |= first;
      return first;
    }

    @Override
    public boolean free(long name) {
      boolean there = used[(int) name];
      used[(int) name] = false;
      return there;
    }
  }

  /** What each of them must look like. */
  public static class Names {

    private final Map<Integer, Boolean> live = new HashMap<>();
    private int calls;

    /** Empty. */
    public Names() {}

    /** A name that was never there. */
    public int take() {
      live.put(calls, false);
      return calls++;
    }

    /** Whether it is there. */
    public boolean isCurrent(int call) {
      return live.containsKey(call);
    }

    /** Whether this is its first end. */
    public boolean end(int call) {
      return live.containsKey(call) && !live.put(call, true);
    }

    /** Whether it was there. */
    public boolean free(int call) {
      return live.remove(call) != null;
    }
  }
}
