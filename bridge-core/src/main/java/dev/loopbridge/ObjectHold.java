package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Java's share in one object of Rust's that all loops may use. It is left when the {@link
 * NativeObject} is unreachable, and has a use for each call in flight to which the object was
 * passed: Rust reads the record of a call later, and must still find the object then.
 */
final class ObjectHold extends Pins {

  private static final Logger LOG = System.getLogger(ObjectHold.class.getName());

  private final PortConfig config;

  /** The runtime, for messages. */
  private final Object runtime;

  /** The name of the object in Rust's table. */
  private final long ticket;

  final String type;
  private final String maker;
  private volatile String madeAt = "an unknown place";

  ObjectHold(PortConfig config, Object runtime, long ticket, String type, String maker) {
    this.config = config;
    this.runtime = runtime;
    this.ticket = ticket;
    this.type = type;
    this.maker = maker;
  }

  /** Begins a use by a call; refuses it after the close. */
  ObjectHold pin() {
    if (!tryPin()) {
      throw new ClosedException(this + " was used after it had been closed");
    }
    return this;
  }

  /** Begins a use that a call has until it is on its loop, where it begins another one. */
  Use use() {
    return new Use(pin());
  }

  /** The object as an argument of a call that has a use of it already. */
  static final class Use extends PassedObject {

    private final ObjectHold hold;

    private Use(ObjectHold hold) {
      this.hold = hold;
    }

    @Override
    ObjectHold pin() {
      hold.pinAgain(); // also after the close, since the call was started before
      return hold;
    }

    void end() {
      hold.unpin();
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
