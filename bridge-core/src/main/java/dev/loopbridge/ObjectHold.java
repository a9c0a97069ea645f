package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Java's share in one object of Rust's that all loops may use. It is left when the {@link
 * NativeObject} is unreachable, and has a use for each call in flight to which the object was
 * passed: Rust reads the record of a call later, and must still find the object then.
 */
final class ObjectHold extends Pins {

  private static final Logger LOG = System.getLogger(NativeObject.class.getName());

  private final RuntimeSide runtime;
  private final PortConfig config;

  /** The name of the object in Rust's table. */
  private final long ticket;

  final String type;
  private final String maker;
  private volatile String madeAt = "an unknown place";

  ObjectHold(PortState port, long ticket, String type, String maker) {
    this.runtime = port.runtime;
    this.config = port.config;
    this.ticket = ticket;
    this.type = type;
    this.maker = maker;
  }

  /** Begins a use by a call; refuses it after the close. */
  void pin() {
    if (!tryPin()) {
      throw new ClosedException(this + " was used after it had been closed");
    }
  }

  /** The ticket for a record of a port with this configuration; refuses one of another runtime. */
  long ticketIn(PortConfig of) {
    if (of.runtime() != config.runtime() || of.library() != config.library()) {
      throw new WrongRuntimeException(
          this
              + " was passed to a call in another runtime; pass it to functions that were looked up"
              + " in its own, or make an object there");
    }
    return ticket;
  }

  /** Closes an object that nobody can close any more, and reports it. */
  void unreachable() {
    if (tryClose()) {
      runtime.countForgotten();
      LOG.log(Level.WARNING, "never closed, and released now that it is unreachable: " + this);
    }
  }

  @Override
  void release() {
    try {
      Native.objectClose(config.library(), config.runtime(), ticket);
    } catch (InvalidHandleException e) {
      LOG.log(Level.DEBUG, "the object went with its runtime", e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "could not be closed, and goes with its runtime: " + this, e);
    }
  }

  /** Sets the place at which the call that made it was started. */
  void madeAt(String place) {
    madeAt = place;
  }

  @Override
  public String toString() {
    return type + " of " + runtime + ", made by " + maker + ", called at " + madeAt;
  }
}
