package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import dev.loopbridge.spi.CallTarget;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A drain that throws is followed by another: the calls behind it settle, and later ones too. */
class ThrowingDrainTest {

  /** More records than a drain takes at once. */
  private static final int CALLS = 200;

  // A DefaultEventExecutor would end when a task throws.
  private final NettyLoop netty = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final AtomicInteger callbacks = new AtomicInteger();
  private final Logger logger = Logger.getLogger(Port.class.getName());
  private final Handler broken = new Broken();

  /** A callback's exception is logged; here the log throws, and so does the drain. */
  @BeforeEach
  void breakTheLog() {
    logger.addHandler(broken);
  }

  @AfterEach
  void closeAll() {
    logger.removeHandler(broken);
    NettyNioLoopTest.end(netty);
  }

  private static NativeRuntime runtime(Duration linger) {
    return NativeRuntime.builder(Builtin.library()).workerThreads(2).linger(linger).build();
  }

  private static void assertStillSettles(NativeRuntime runtime, OwnerLoop loop) throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Long> sum = add.toFuture(loop);
      assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(3L);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  private void errorsOfCallbacks(Duration linger) throws Exception {
    OwnerLoop loop = netty;
    NativeRuntime runtime = runtime(linger);
    try {
      NativeCall<Void> noop = runtime.function("noop", Void.class).call();
      Port port = runtime.on(loop);
      loop.execute(
          () -> {
            for (int i = 0; i < CALLS; i++) {
              noop.start(port, (ticket, result) -> countAndThrow());
            }
          });
      // No further call follows these, which would put a drain on the loop in place of the one that
      // threw.
      Builtin.eventually().untilAtomic(callbacks, is(CALLS));
      assertStillSettles(runtime, loop);
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }

  private void countAndThrow() {
    callbacks.incrementAndGet();
    throw new AssertionError("as planned");
  }

  @Test
  void errorsOfCallbacksOnALoopThatDoesNotLinger() throws Exception {
    errorsOfCallbacks(Duration.ZERO);
  }

  @Test
  void errorsOfCallbacksOnALoopThatLingers() throws Exception {
    errorsOfCallbacks(Duration.ofNanos(20_000));
  }

  @Test
  void errorsOfTargetsThatGetAValueOrARefusal() throws Exception {
    OwnerLoop loop = netty;
    NativeRuntime runtime = runtime(Duration.ofNanos(20_000));
    try {
      CallTarget<String> target =
          new CallTarget<>() {
            @Override
            public void value(String value) {
              countAndThrow();
            }

            @Override
            public void error(Throwable error) {
              countAndThrow();
            }
          };
      NativeFunction<String> echo = runtime.function("echoString", String.class, String.class);
      for (int i = 0; i < CALLS; i++) {
        // A text that Rust refuses: the start fails, within the drain.
        echo.call(i % 2 == 0 ? "a" : "\ud800").start(loop, target);
      }
      Builtin.eventually().untilAtomic(callbacks, is(CALLS));
      assertStillSettles(runtime, loop);
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }

  @Test
  void errorsOfCallbacksAtTheEndOfTheRuntime() {
    OwnerLoop loop = netty;
    NativeRuntime runtime = runtime(Duration.ofNanos(20_000));
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    Port port = runtime.on(loop);
    loop.execute(
        () -> {
          for (int i = 0; i < CALLS; i++) {
            never.start(port, (ticket, result) -> countAndThrow());
          }
        });
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == CALLS);
    Builtin.closeAndAwaitNothingLeft(runtime);
    assertThat(callbacks).hasValue(CALLS);
  }

  /** The drain that is to follow one that threw finds no room in the queue at first. */
  @Test
  void errorsOfCallbacksOnALoopThatTakesNoTaskOfItsOwn() throws Exception {
    throughFailingLoop(new OutOfMemoryError("as planned"));
  }

  /** Throws unchecked, as languages without checked exceptions do. */
  @Test
  void aLoopThatThrowsWhatIsNotDeclared() throws Exception {
    throughFailingLoop(new Exception("as planned"));
  }

  private void throughFailingLoop(Throwable failure) throws Exception {
    FailingLoop loop = new FailingLoop(netty, failure);
    NativeRuntime runtime = runtime(Duration.ofNanos(20_000));
    try {
      NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(2L);
      Port port = runtime.on(loop);
      loop.execute(
          () -> {
            for (int i = 0; i < CALLS; i++) {
              yielding.start(port, (ticket, result) -> countAndThrow());
            }
          });
      Builtin.eventually().untilAtomic(callbacks, is(CALLS));
      assertThat(loop.failures).hasPositiveValue();
      assertStillSettles(runtime, loop);
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }

  private static final class Broken extends Handler {

    @Override
    public void publish(LogRecord entry) {
      throw new InternalError("the log is broken, as planned");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
