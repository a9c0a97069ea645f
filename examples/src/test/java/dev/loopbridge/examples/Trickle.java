package dev.loopbridge.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Sends the beginning of a request, and then a byte now and then, as long as it can. */
final class Trickle implements AutoCloseable {

  private static final long PAUSE_MILLIS = 20;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  Trickle(RawConnection connection, String beginning) throws IOException {
    connection.send(beginning.getBytes(US_ASCII));
    clock.scheduleAtFixedRate(
        () -> {
          try {
            connection.send(new byte[] {'1'});
          } catch (IOException e) {
            clock.shutdown(); // the server has closed the connection
          }
        },
        PAUSE_MILLIS,
        PAUSE_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
