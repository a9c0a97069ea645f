package dev.loopbridge.examples;

import java.time.Duration;

/** An HTTP server that answers by {@link Routes} on 127.0.0.1. */
interface Engine {

  /** The only address an engine listens on: the server is for the machine it runs on. */
  String HOST = "127.0.0.1";

  /** How long a connection may be silent before it is closed. */
  Duration IDLE_TIMEOUT = Duration.ofSeconds(60);

  /**
   * The receive buffer the system keeps for a connection, in bytes. It bounds what a loop finds to
   * read from one connection before others have their turn: with large ones, short requests would
   * wait behind many images.
   */
  int RECEIVE_BYTES = 64 << 10;

  /** What a start is answered with when the system does not give it the port. */
  static IllegalArgumentException cannotListen(int port, Throwable reason) {
    return new IllegalArgumentException(
        "cannot listen on %s:%d (%s); set PORT to a free port"
            .formatted(HOST, port, reason.getMessage()),
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
