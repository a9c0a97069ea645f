package dev.loopbridge.stress.history;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.stress.Invariant;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Follows chains of calls that are ready at once: Java starts the next call from a callback, Rust
 * from an answer.
 */
final class Chains {

  private final NativeRuntime runtime;
  private final OwnerLoop loop;
  private final int links;
  private final int nested;
  private final Duration patience;
  private final AtomicLong reached = new AtomicLong();

  /**
   * Makes the chains of a loop.
   *
   * @param links the length of the chains in which one link ends before the next begins
   * @param nested the length of the chains whose links all wait for the last
   */
  Chains(NativeRuntime runtime, OwnerLoop loop, int links, int nested, Duration patience) {
    this.runtime = runtime;
    this.loop = loop;
    this.links = links;
    this.nested = nested;
    this.patience = patience;
  }

  /** Follows each kind of chain; returns null if all came to their end. */
  Finding run() {
    for (Fn<Long> function : functions(Fn.ADD, Fn.LOCAL_ADD)) {
      NativeCall<Long> next = function.call(runtime, 1L, 1L);
      Finding finding = follow(function + " by raw callbacks", done -> raw(next, done));
      finding =
          finding != null ? finding : follow(function + " by targets", done -> target(next, done));
      if (finding != null) {
        return finding;
      }
    }
    for (Fn<Long> function : functions(Fn.ASK, Fn.LOCAL_ASK)) {
      NativeFunction<Long> ask = function.in(runtime);
      Finding finding = follow(function + " that asks on", done -> stages(ask, done));
      if (finding == null && function == Fn.ASK) {
        finding = follow(function + " that hands on", done -> relays(ask, done));
      }
      if (finding != null) {
        return finding;
      }
    }
    return null;
  }

  private List<Fn<Long>> functions(Fn<Long> function, Fn<Long> local) {
    return loop.hasOneThread() ? List.of(function, local) : List.of(function);
  }

  /** Returns how many links {@link #run} follows. */
  long links() {
    return loop.hasOneThread() ? 4L * links + 3L * nested : 2L * links + 2L * nested;
  }

  private interface Chain {
    void begin(CompletableFuture<Void> done);
  }

  private Finding follow(String name, Chain chain) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    reached.set(0);
    loop.execute(
        () -> {
          try {
            chain.begin(done);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    if (!Watch.until(done::isDone, reached::get, patience)) {
      return Finding.hang(
          Invariant.I7, "a chain of %s stopped at link %,d".formatted(name, reached.get()));
    }
    if (done.isCompletedExceptionally()) {
      Throwable error = done.handle((none, thrown) -> thrown).join();
      return Finding.violated(
          Invariant.I7,
          "a chain of %s broke at link %,d: %s".formatted(name, reached.get(), error));
    }
    return null;
  }

  private boolean isLast() {
    return reached.incrementAndGet() >= links;
  }

  private void raw(NativeCall<Long> next, CompletableFuture<Void> done) {
    RawPort port = RawPort.of(runtime, loop);
    RawPort.Callback[] again = new RawPort.Callback[1];
    again[0] =
        (ticket, result) -> {
          try {
            if (!RawPort.isValue(result)) {
              throw RawPort.error(result);
            }
            if (isLast()) {
              done.complete(null);
            } else {
              port.start(next, again[0]);
            }
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        };
    port.start(next, again[0]);
  }

  private void target(NativeCall<Long> next, CompletableFuture<Void> done) {
    next.start(
        loop,
        new CallTarget<Long>() {
          @Override
          public void value(Long value) {
            if (isLast()) {
              done.complete(null);
            } else {
              next.start(loop, this);
            }
          }

          @Override
          public void error(Throwable error) {
            done.completeExceptionally(error);
          }
        });
  }

  /** Runs a chain: the handler answers with a call that asks it again, with a number one less. */
  private void stages(NativeFunction<Long> ask, CompletableFuture<Void> done) {
    JavaHandler<?, ?>[] own = new JavaHandler<?, ?>[1];
    own[0] =
        JavaHandler.stage(
                Long.class,
                Long.class,
                number -> {
                  reached.incrementAndGet();
                  return number == 0
                      ? CompletableFuture.completedFuture(0L)
                      : ask.call(number - 1, own[0]).toFuture(loop);
                })
            .atOnce(1);
    end(ask.call(nested - 1L, own[0]).toFuture(loop), done);
  }

  private void relays(NativeFunction<Long> ask, CompletableFuture<Void> done) {
    NativeFunction<Long> add = Fn.ADD.in(runtime);
    JavaHandler<?, ?>[] own = new JavaHandler<?, ?>[1];
    own[0] =
        JavaHandler.<Long, Long>call(
                Long.class,
                Long.class,
                number -> {
                  reached.incrementAndGet();
                  return number == 0 ? add.call(0L, 0L) : ask.call(number - 1, own[0]);
                })
            .atOnce(1);
    end(ask.call(nested - 1L, own[0]).toFuture(loop), done);
  }

  private static void end(CompletableFuture<Long> asked, CompletableFuture<Void> done) {
    asked.whenComplete(
        (value, error) -> {
          if (error != null) {
            done.completeExceptionally(error);
          } else {
            done.complete(null);
          }
        });
  }
}
