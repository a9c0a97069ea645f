package dev.loopbridge.stress.history;

/**
 * One step of a program.
 *
 * @param which the number of its call among the calls there are, or the choice of what to start
 */
record Step(Op op, Actor actor, CallKind kind, Adapter adapter, Script script, int which) {

  enum Op {
    START,
    CANCEL,
    SIGNAL,
    ANSWER,
    CLOSE_REFERENCE,
    DROP,
    COLLECT,
    BLOCK,
    UNBLOCK,
    /** Waits until all calls so far have had time to reach Rust. */
    ARRIVE,
    /** Waits until all calls so far that can settle have settled. */
    SETTLE,
    END_LOOP,
    CLOSE_RUNTIME
  }

  enum Actor {
    MAIN,
    OTHER,
    THIRD,
    LOOP,
    /** The next callback that runs. */
    CALLBACK
  }

  static Step of(Op op, Actor actor, int which) {
    return new Step(op, actor, null, null, null, which);
  }

  static Step start(Actor actor, CallKind kind, Adapter adapter, Script script) {
    return new Step(Op.START, actor, kind, adapter, script, 0);
  }

  @Override
  public String toString() {
    return actor
        + " "
        + op
        + (kind == null ? " " + which : " " + kind + (kind.asks() ? " " + script : "") + " as ")
        + (adapter == null ? "" : adapter)
        + (kind != null && which > 0 ? ", its callback throws" : "");
  }
}
