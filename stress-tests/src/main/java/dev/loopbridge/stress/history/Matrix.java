package dev.loopbridge.stress.history;

import dev.loopbridge.stress.history.Step.Actor;
import dev.loopbridge.stress.history.Step.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * All combinations in the life of one call: its kind, its future, the thread that starts it, the
 * event that happens to it or around it, the moment and the thread of that event, and whether the
 * event happens twice. Each cell is a small program; the reference model decides which outcomes it
 * may have.
 */
final class Matrix {

  private enum Future {
    READY(CallKind.ADD),
    YIELDS(CallKind.YIELD),
    WAITS(CallKind.SIGNAL),
    COMPUTES(CallKind.BURN),
    PANICS(CallKind.PANIC_LATER),
    PANICS_IN_DROP(CallKind.NEVER_PANICS),
    ASKS(CallKind.ASK),
    LENDS(CallKind.ECHO_LENT),
    LOCAL_READY(CallKind.LOCAL_ADD),
    LOCAL_WAITS(CallKind.LOCAL_SIGNAL),
    LOCAL_PANICS_IN_DROP(CallKind.LOCAL_NEVER_PANICS),
    LOCAL_ASKS(CallKind.LOCAL_ASK),
    LOCAL_MAKES(CallKind.COUNTER);

    private final CallKind kind;

    Future(CallKind kind) {
      this.kind = kind;
    }
  }

  private enum Happening {
    NOTHING(null),
    CANCEL(Op.CANCEL),
    CLOSE(Op.CLOSE_RUNTIME),
    END(Op.END_LOOP),
    DROP(Op.DROP);

    private final Op op;

    Happening(Op op) {
      this.op = op;
    }
  }

  private enum Moment {
    /** The loop is blocked, so that a call from elsewhere has not reached it. */
    BEFORE,
    /** The call is in Rust, or has left it. */
    PENDING,
    /** The call has settled, if it settles by itself. */
    AFTER
  }

  private static final Actor[] STARTERS = {Actor.LOOP, Actor.MAIN};
  private static final Actor[] ACTORS = {Actor.MAIN, Actor.LOOP, Actor.OTHER};

  private final List<Adapter> adapters;

  Matrix(List<Adapter> adapters) {
    this.adapters = adapters;
  }

  /** Returns the number of cells. */
  int size() {
    return Future.values().length
        * adapters.size()
        * STARTERS.length
        * Happening.values().length
        * Moment.values().length
        * ACTORS.length
        * 2;
  }

  /** Returns the program of one cell. */
  Program cell(int index) {
    int[] rest = {index};
    Future future = take(rest, Future.values());
    Happening happening = take(rest, Happening.values());
    Moment moment = take(rest, Moment.values());
    Actor actor = take(rest, ACTORS);
    Adapter adapter = take(rest, adapters.toArray(Adapter[]::new));
    Actor starter = take(rest, STARTERS);
    boolean twice = rest[0] > 0;
    Step start = Step.start(starter, future.kind, adapter, Script.LATE);
    List<Step> steps = new ArrayList<>();
    if (moment == Moment.BEFORE) {
      steps.add(Step.of(Op.BLOCK, Actor.MAIN, 0));
    }
    steps.add(start);
    if (moment != Moment.BEFORE) {
      steps.add(Step.of(Op.ARRIVE, Actor.MAIN, 0));
    }
    if (moment == Moment.AFTER) {
      steps.add(Step.of(Op.SIGNAL, Actor.MAIN, 0));
      steps.add(Step.of(Op.SETTLE, Actor.MAIN, 0));
    }
    for (int times = twice ? 2 : 1; times > 0 && happening.op != null; times--) {
      steps.add(Step.of(happening.op, actor, 0));
    }
    if (moment == Moment.BEFORE) {
      steps.add(Step.of(Op.UNBLOCK, Actor.MAIN, 0));
    }
    return new Program("matrix/" + index, 2, Program.ROOMY, steps);
  }

  private static <T> T take(int[] rest, T[] values) {
    T value = values[rest[0] % values.length];
    rest[0] /= values.length;
    return value;
  }
}
