package dev.loopbridge.stress.process;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.kit.Fn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A way for a JVM to end while calls are in flight. */
enum ExitScene {
  RETURN(0, work -> leaving()),
  EXIT(
      3,
      work -> {
        leaving();
        System.exit(3);
      }),
  HALT(
      4,
      work -> {
        leaving();
        Runtime.getRuntime().halt(4);
      }),
  UNCAUGHT(
      1,
      work -> {
        leaving();
        throw new IllegalStateException("as planned");
      }),
  TERM(128 + 15, ExitScene::awaitSignal),
  INT(128 + 2, ExitScene::awaitSignal),
  HUP(128 + 1, ExitScene::awaitSignal),
  IN_CALLBACK(
      5,
      work -> {
        NativeCall<Long> call = Fn.YIELD_TIMES.call(work.runtime, 2L);
        call.toFuture(work.loop)
            .thenAccept(
                value -> {
                  leaving();
                  System.exit(5);
                });
        forEver();
      }),
  IN_HANDLER(
      6,
      work -> {
        JavaHandler<Long, Long> exits =
            JavaHandler.of(
                Long.class,
                Long.class,
                number -> {
                  leaving();
                  System.exit(6);
                  return number;
                });
        Fn.ASK.call(work.runtime, 1L, exits).toFuture(work.loop);
        forEver();
      }),
  SUBMITTING(
      7,
      work -> {
        NativeFunction<Long> add = Fn.ADD.in(work.runtime);
        CountDownLatch begun = new CountDownLatch(2_000);
        for (int i = 0; i < 2; i++) {
          daemon(
              () -> {
                while (true) {
                  add.call(1L, 2L).toFuture(work.loop);
                  begun.countDown();
                }
              });
        }
        begun.await();
        leaving();
        System.exit(7);
      }),
  CLOSING(
      8,
      work -> {
        CountDownLatch begun = new CountDownLatch(1);
        daemon(
            () -> {
              begun.countDown();
              work.runtime.close();
            });
        begun.await();
        leaving();
        System.exit(8);
      }),
  LOOP_BLOCKED(
      9,
      work -> {
        CountDownLatch blocked = new CountDownLatch(1);
        work.loop.execute(
            () -> {
              blocked.countDown();
              try {
                forEver();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
        blocked.await();
        leaving();
        System.exit(9);
      }),
  PANICKING(
      11,
      work -> {
        List<NativeCall<Void>> calls =
            Stream.of(
                    Fn.PANIC,
                    Fn.PANIC_AFTER_YIELD,
                    Fn.PANIC_IN_DROP,
                    Fn.LOCAL_PANIC,
                    Fn.LOCAL_PANIC_IN_DROP)
                .map(function -> function.call(work.runtime, "planned"))
                .toList();
        for (NativeCall<Void> call : calls) {
          try {
            call.toFuture(work.loop).get(10, TimeUnit.SECONDS);
            throw new IllegalStateException(call + " did not panic");
          } catch (ExecutionException | TimeoutException e) {
            if (!(e.getCause() instanceof NativePanicError)) {
              throw new IllegalStateException(call + " did not end by its panic", e);
            }
          }
        }
        CountDownLatch begun = new CountDownLatch(500);
        daemon(
            () -> {
              while (true) {
                for (NativeCall<Void> call : calls) {
                  call.toFuture(work.loop);
                }
                begun.countDown();
              }
            });
        begun.await();
        leaving();
        System.exit(11);
      }),
  RUST_BUSY(
      10,
      work -> {
        for (int i = 0; i < 2; i++) {
          Fn.BURN_BLOCKING.call(work.runtime, 60_000_000L).toFuture(work.loop);
        }
        NativeCall<Long> burning = Fn.BURNING.call(work.runtime);
        while (burning.await() < 2) {
          Thread.onSpinWait();
        }
        Fn.BURN_HEAVY.call(work.runtime, 60_000_000L).toFuture(work.loop);
        leaving();
        System.exit(10);
      });

  /** Lets the main thread end the JVM, or wait for its end. */
  private interface Leaving {
    void leave(InFlight work) throws InterruptedException;
  }

  final int code;
  private final Leaving leaving;

  ExitScene(int code, Leaving leaving) {
    this.code = code;
    this.leaving = leaving;
  }

  /** Returns whether a signal ends the JVM. */
  boolean bySignal() {
    return code > 128;
  }

  /** Returns whether it is a signal that this process ignores, as its children then do too. */
  boolean isIgnored() {
    if (!bySignal()) {
      return false;
    }
    try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
      String mask =
          status.filter(line -> line.startsWith("SigIgn:")).findFirst().orElseThrow().substring(7);
      return (Long.parseUnsignedLong(mask.strip(), 16) >>> (code - 128 - 1) & 1) != 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void leave(InFlight work) throws InterruptedException {
    leaving.leave(work);
  }

  private static void awaitSignal(InFlight work) throws InterruptedException {
    leaving();
    forEver();
  }

  /** Prints that the end begins. */
  private static void leaving() {
    System.out.print(ExitMain.LEAVING + " " + System.nanoTime() + "\n");
    System.out.flush();
  }

  private static void forEver() throws InterruptedException {
    try {
      new CompletableFuture<Void>().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "daemon");
    thread.setDaemon(true);
    thread.start();
  }
}
