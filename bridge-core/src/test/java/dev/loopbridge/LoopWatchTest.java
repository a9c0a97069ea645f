package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A loop that runs nothing while results wait for it is logged once, with its stack. */
@Tag("slow")
class LoopWatchTest extends LoopScene {

  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
  private final CompletableFuture<CompletableFuture<Long>> started = new CompletableFuture<>();

  /** A task that no executor can refuse: the JDK's own code makes it, and waits in it. */
  private Object waitForAllOf() {
    CompletableFuture<Long> sum = add.toFuture();
    started.complete(sum);
    return CompletableFuture.allOf(sum).join();
  }

  @Test
  void aLoopThatWaitsForItself() throws Exception {
    try (Logged logged = Logged.by(LoopWatch.class)) {
      CompletableFuture<Object> waited =
          CompletableFuture.supplyAsync(this::waitForAllOf, loop::execute);
      Builtin.eventually().until(() -> !logged.records().isEmpty());
      LogRecord record = logged.records().get(0);
      assertThat(record.getMessage()).startsWith(loop + " has not begun a task");
      assertThat(record.getThrown().getStackTrace())
          .extracting(StackTraceElement::getMethodName)
          .contains("waitForAllOf");
      assertThat(waited).isNotDone();
      started.join().complete(0L); // otherwise the task would wait for ever
      waited.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void eachTimeALoopStandsStillIsLoggedOnce() throws Exception {
    assertThat(run(add)).isEqualTo(3);
    try (Logged logged = Logged.by(LoopWatch.class)) {
      for (int times = 1; times <= 2; times++) {
        int stops = times;
        CountDownLatch release = new CountDownLatch(1);
        loop.execute(Builtin.blockedUntil(release));
        CompletableFuture<Long> sum = start(add);
        Builtin.eventually().until(() -> logged.records().size() == stops);
        release.countDown();
        assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(3);
      }
      assertThat(logged.records()).hasSize(2);
    }
  }

  @Test
  void aLoopThatEndedIsNotLogged() throws Exception {
    try (Logged logged = Logged.by(LoopWatch.class)) {
      CountDownLatch release = new CountDownLatch(1);
      loop.execute(Builtin.blockedUntil(release));
      CompletableFuture<Long> sum = start(add);
      NettyNioLoopTest.end(loop);
      release.countDown();
      Builtin.eventually().until(sum::isDone);
      assertThat(logged.records()).isEmpty();
    }
  }

  @Test
  void aProcessAtRestIsNotWoken() throws Exception {
    assertThat(run(add)).isEqualTo(3);
    Builtin.eventually().until(() -> BackgroundThread.EXECUTOR.getQueue().isEmpty());
    Builtin.eventually().until(() -> BackgroundThread.EXECUTOR.getPoolSize() == 0);
  }
}
