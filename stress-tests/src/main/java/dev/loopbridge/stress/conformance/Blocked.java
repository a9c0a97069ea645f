package dev.loopbridge.stress.conformance;

import dev.loopbridge.OwnerLoop;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import reactor.blockhound.BlockHound;

/** The blocking calls that BlockHound finds on threads that must not block. */
final class Blocked {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final Queue<Error> FOUND = new ConcurrentLinkedQueue<>();

  private Blocked() {}

  static void install() {
    // BlockHound finds the integrations, among them the bridge's, as services.
    BlockHound.builder()
        .loadIntegrations()
        .blockingMethodCallback(
            method -> {
              Error found = new Error(Thread.currentThread().getName() + ": " + method);
              FOUND.add(found);
              throw found;
            })
        .install();
  }

  /**
   * Returns whether a blocking call on that loop is found. Code that the JVM compiled earlier may
   * run on for a while, so this tries for a bounded time.
   */
  static boolean isFound(OwnerLoop loop) throws Exception {
    long start = System.nanoTime();
    boolean found = false;
    while (!found && System.nanoTime() - start < PATIENCE_NANOS) {
      found = isFoundOnce(loop);
    }
    return found;
  }

  private static boolean isFoundOnce(OwnerLoop loop) throws Exception {
    FOUND.clear();
    CompletableFuture<Throwable> found = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            LockSupport.parkNanos(1);
            found.complete(null);
          } catch (Throwable e) {
            found.complete(e);
          }
        });
    Throwable thrown = found.get(10, TimeUnit.SECONDS);
    // A linkage error may wrap the first errors that BlockHound throws.
    boolean isFound = thrown != null && !FOUND.isEmpty();
    FOUND.clear();
    return isFound;
  }

  /** Returns the blocking calls that were found, each with its stack. */
  static List<String> taken() {
    List<String> texts = new ArrayList<>();
    for (Error found = FOUND.poll(); found != null; found = FOUND.poll()) {
      StringWriter text = new StringWriter();
      found.printStackTrace(new PrintWriter(text));
      texts.add(text.toString());
    }
    return texts;
  }
}
