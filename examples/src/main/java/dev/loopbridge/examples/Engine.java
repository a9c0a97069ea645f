package dev.loopbridge.examples;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * An HTTP server that answers by {@link Routes}, each connection behind a {@link ConnectionGuard}.
 */
interface Engine {

  /**
   * The receive buffer that the system keeps for a connection, in bytes. It limits how much a loop
   * reads from one connection before it serves others: with large buffers, short requests would
   * wait behind many images.
   */
  int RECEIVE_BYTES = 64 << 10;

  /** The error of a start when the system refuses the address. */
  static IllegalArgumentException cannotListen(InetSocketAddress address, Throwable reason) {
    return new IllegalArgumentException(
        "cannot listen on %s (%s); set PORT to a free port and HOST to an address of this machine"
            .formatted(Settings.text(address), reason.getMessage()),
        reason);
  }

  /** The port on which it listens. */
  int port();

  /**
   * Stops listening, lets requests finish and closes the remaining connections. Blocks, so not on a
   * loop.
   *
   * @param grace how long requests may take to finish
   */
  void close(Duration grace);
}
