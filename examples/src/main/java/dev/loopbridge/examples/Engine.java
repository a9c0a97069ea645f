package dev.loopbridge.examples;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * An HTTP server that answers by {@link Routes}, each connection behind a {@link ConnectionGuard}.
 */
interface Engine {

  /**
   * The receive buffer the system keeps for a connection, in bytes. It bounds what a loop finds to
   * read from one connection before others have their turn: with large ones, short requests would
   * wait behind many images.
   */
  int RECEIVE_BYTES = 64 << 10;

  /** What a start is answered with when the system does not give it the address. */
  static IllegalArgumentException cannotListen(InetSocketAddress address, Throwable reason) {
    return new IllegalArgumentException(
        "cannot listen on %s (%s); set PORT to a free port and HOST to an address of this machine"
            .formatted(Settings.text(address), reason.getMessage()),
        reason);
  }

  /** The port it listens on. */
  int port();

  /**
   * Stops listening, lets requests finish and closes what is left. Blocks, so not on a loop.
   *
   * @param grace how long requests may take to finish
   */
  void close(Duration grace);
}
