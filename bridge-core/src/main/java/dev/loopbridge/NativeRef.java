package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;

/**
 * A Rust object that lives on an event loop, in whose thread alone it is touched. Java passes it to
 * loop-driven functions of that loop, and closes it when it has no more use for it; the object is
 * then dropped on its loop, unless Rust holds it too.
 *
 * <p>The reference may go anywhere. One that becomes unreachable without having been closed is
 * logged, with the place that made it, and released on its loop. All of them go with their runtime
 * and with their loop.
 *
 * <pre>{@code
 * try (NativeRef parser = open.call("utf-8").as(stage).join()) { ... }   // or, on its loop:
 * feed.call(parser, bytes).toFuture(loop).whenComplete((size, error) -> parser.close());
 * }</pre>
 */
public final class NativeRef extends Passed implements AutoCloseable {

  private static final Logger LOG = System.getLogger(NativeRef.class.getName());

  final int slot;
  final int generation;

  private final PortState port;
  private final LoopSteps steps;
  private final Hold hold;
  private final Cleaner.Cleanable cleanable;

  private NativeRef(PortState port, LoopSteps steps, int slot, int generation, Signature maker) {
    this.port = port;
    this.steps = steps;
    this.slot = slot;
    this.generation = generation;
    this.hold = new Hold(port, steps, slot, generation, maker.name);
    this.cleanable = port.runtime.cleaner().register(this, hold::unreachable);
  }

  static NativeRef of(PortState port, LoopSteps steps, int slot, int generation, Signature maker) {
    return new NativeRef(port, steps, slot, generation, maker);
  }

  /** The loop that the object lives on. */
  public OwnerLoop loop() {
    return port.loop;
  }

  /** Returns whether it was closed. Any thread. */
  public boolean isClosed() {
    return hold.state() != LoopStep.PENDING;
  }

  /**
   * Gives the object up. Any thread; it is dropped on its loop. Only the first call does anything.
   */
  @Override
  public void close() {
    StackRoom.require();
    if (hold.end(LoopStep.SETTLED)) { // seed M22
      cleanable.clean(); // the cleaner's action finds the hold ended and does nothing
      steps.run(hold);
    }
  }

  /** Does the cleaner's work for an unreachable reference, for tests that cannot wait for it. */
  void unreachable() {
    cleanable.clean();
  }

  @Override
  int units() {
    return 0; // Rust holds the object already
  }

  /** Refuses a use by a call of another port, or after the close. */
  @Override
  long passTo(ObjectTable objects, ValueType type) {
    if (objects != port.objects) {
      throw new WrongLoopException(
          this
              + " was passed to a call on "
              + objects.loop()
              + "; start the call on the object's own loop, in its own runtime");
    }
    if (isClosed()) {
      throw new ClosedException(this + " was used after it had been closed");
    }
    return RecordLayout.halves(slot, generation);
  }

  /** Sets the place at which the call that made it was started. */
  void madeAt(String place) {
    hold.madeAt = place;
  }

  /** Names its loop, and the function and the place that made it. */
  @Override
  public String toString() {
    return "NativeRef(" + hold + ")";
  }

  /** The part of the reference that is left when it is unreachable. */
  private static final class Hold extends LoopStep {

    private final PortState port;
    private final LoopSteps steps;
    private final int slot;
    private final int generation;
    private final String maker;

    private volatile String madeAt = "an unknown place";

    Hold(PortState port, LoopSteps steps, int slot, int generation, String maker) {
      this.port = port;
      this.steps = steps;
      this.slot = slot;
      this.generation = generation;
      this.maker = maker;
    }

    void unreachable() {
      if (end(CANCELLED)) {
        port.runtime.countForgotten();
        LOG.log(Level.WARNING, "never closed, and released now that it is unreachable: " + this);
        steps.run(this);
      }
    }

    @Override
    void step() {
      port.releaseLocal(slot, generation);
    }

    @Override
    public String toString() {
      return "object " + slot + " of " + port.loop + ", made by " + maker + ", called at " + madeAt;
    }
  }
}
