package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The log of a port, under the name of {@code Port}. Any thread. */
final class PortLog {

  private static final Logger LOG = System.getLogger("dev.loopbridge.Port");

  private final OwnerLoop loop;

  PortLog(OwnerLoop loop) {
    this.loop = loop;
  }

  /** Logs what a callback has thrown; it must not end the drain that runs the callback. */
  void callbackThrew(Throwable e) {
    error("a callback of a native call threw on ", e);
  }

  /** Logs an error with the loop's name. Never throws: on some loops that would be their end. */
  void error(String what, Throwable thrown) {
    try {
      LOG.log(Level.ERROR, what + loop, thrown);
    } catch (Throwable e) {
      // A log that throws leaves nothing to log to.
    }
  }

  void cannotFollow(RuntimeException e) {
    LOG.log(Level.DEBUG, "a loop that cannot be watched may run tasks all the same", e);
  }

  void ownerGone(int awaited) {
    LOG.log(
        Level.WARNING,
        "{0} shut down with {1} native calls in flight; they failed with OwnerGoneException",
        loop,
        awaited);
  }
}
