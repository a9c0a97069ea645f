package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** A Rust object stays on its loop, on whichever threads Java's reference is used. */
class NativeRefTest extends LoopScene {

  private final NativeFunction<NativeRef> counter =
      runtime.function("counter", NativeRef.class, long.class);
  private final NativeFunction<Long> count =
      runtime.function("count", Long.class, NativeRef.class, long.class);

  private void awaitObjects(long expected) {
    Builtin.eventually().until(() -> runtime.metrics().liveLocalObjects() == expected);
  }

  @Test
  void itIsUsedOnItsLoopAndClosedFromAnywhere() throws Exception {
    long atHome = counted("droppedAtHome");
    try (NativeRef object = run(counter.call(40L))) {
      assertThat(object.loop()).isEqualTo(loop);
      assertThat(run(count.call(object, 2L))).isEqualTo(42);
      assertThat(run(count.call(object, -1L))).isEqualTo(41);
      assertThat(runtime.metrics().liveLocalObjects()).isEqualTo(1);
      assertThat(object.isClosed()).isFalse();
    }
    awaitObjects(0);
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 1);
  }

  @Test
  void afterItsCloseItIsRefused() throws Exception {
    NativeRef object = run(counter.call(1L));
    object.close();
    object.close();
    assertThat(object.isClosed()).isTrue();
    assertThatThrownBy(() -> run(count.call(object, 1L)))
        .cause()
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("made by counter")
        .hasMessageContaining("from dev.loopbridge.NativeRefTest.afterItsCloseItIsRefused");
  }

  @Test
  void anotherLoopAndAnotherRuntimeRefuseIt() throws Exception {
    NettyLoop other = NettyLoop.of(NettyNioLoopTest.newLoop());
    NativeRuntime second = Builtin.runtime();
    try (NativeRef object = run(counter.call(1L))) {
      assertThatThrownBy(() -> count.call(object, 1L).toFuture(other).get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(WrongLoopException.class)
          .hasMessageContaining("made by counter")
          .hasMessageContaining(other.toString());
      NativeFunction<Long> elsewhere =
          second.function("count", Long.class, NativeRef.class, long.class);
      assertThatThrownBy(() -> elsewhere.call(object, 1L).toFuture(loop).get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(WrongLoopException.class);
      Port port = runtime.on(loop);
      assertThatThrownBy(() -> count.call(object, 1L).start(port, (ticket, result) -> {}))
          .isInstanceOf(WrongLoopException.class)
          .hasMessageContaining(Thread.currentThread().getName());
    } finally {
      NettyNioLoopTest.end(other);
      Builtin.closeAndAwaitNothingLeft(second);
    }
  }

  @Test
  void anObjectOfAnotherTypeIsRefused() throws Exception {
    try (NativeRef text =
        run(runtime.function("text", NativeRef.class, String.class).call("hello"))) {
      assertThatThrownBy(() -> run(count.call(text, 1L)))
          .cause()
          .isInstanceOf(SignatureMismatchException.class)
          .hasMessageContaining("an object of another type than");
    }
  }

  @Test
  void aFunctionThatTokioDrivesTakesNone() {
    assertThatThrownBy(() -> runtime.function("add", Long.class, NativeRef.class, long.class))
        .isInstanceOf(SignatureMismatchException.class);
  }

  @Test
  void anOptionalOne() throws Exception {
    NativeFunction<NativeRef> maybe =
        runtime.function("counterOrNone", NativeRef.class, Long.class);
    assertThat(run(maybe.call(new Object[] {null}))).isNull();
    try (NativeRef some = run(maybe.call(5L))) {
      assertThat(run(count.call(some, 1L))).isEqualTo(6);
    }
  }

  @Test
  void closedDuringACallItLivesUntilThatHasEnded() throws Exception {
    NativeFunction<Long> later =
        runtime.function("countLater", Long.class, NativeRef.class, long.class, long.class);
    long atHome = counted("droppedAtHome");
    NativeRef object = run(counter.call(1L));
    CompletableFuture<Long> counting = later.call(object, 1L, 50L).toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveLocalFutures() == 1);
    object.close();
    assertThat(counting.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    Builtin.eventually().until(() -> counted("droppedAtHome") == atHome + 1);
  }

  @Test
  void twoReferencesToOneObjectAreClosedEach() throws Exception {
    long atHome = counted("droppedAtHome");
    NativeRef first = run(counter.call(1L));
    NativeRef second =
        run(runtime.function("sameCounter", NativeRef.class, NativeRef.class).call(first));
    first.close();
    assertThat(run(count.call(second, 1L))).isEqualTo(2);
    assertThat(counted("droppedAtHome")).isEqualTo(atHome);
    second.close();
    Builtin.eventually().until(() -> counted("droppedAtHome") == atHome + 1);
  }

  @Test
  void aResultThatIsNotTakenIsReleased() throws Exception {
    Port port = runtime.on(loop);
    CountDownLatch settled = new CountDownLatch(1);
    loop.execute(() -> counter.call(1L).start(port, (ticket, result) -> settled.countDown()));
    assertThat(settled.await(30, TimeUnit.SECONDS)).isTrue();
    awaitObjects(0);
    for (int i = 0; i < 1_000; i++) {
      CompletableFuture<NativeRef> stage = counter.call(1L).toFuture(loop);
      if (!stage.cancel(false)) {
        stage.join().close(); // the call was faster than the cancel
      }
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void oneThatIsForgottenIsReportedAndReleasedOnItsLoop() throws Exception {
    List<String> logged = new ArrayList<>();
    Logger logger = Logger.getLogger(NativeRef.class.getName());
    Handler listener =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            synchronized (logged) {
              logged.add(entry.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(listener);
    long atHome = counted("droppedAtHome");
    long elsewhere = counted("droppedElsewhere");
    try {
      run(counter.call(1L)); // the reference is never closed
      Builtin.eventually()
          .until(
              () -> {
                System.gc();
                return runtime.metrics().liveLocalObjects() == 0;
              });
    } finally {
      logger.removeHandler(listener);
    }
    synchronized (logged) {
      assertThat(logged)
          .singleElement()
          .asString()
          .contains(
              "never closed",
              "made by counter",
              "NativeRefTest.oneThatIsForgotten",
              loop.toString());
    }
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 1);
    assertThat(counted("droppedElsewhere")).isEqualTo(elsewhere);
  }

  @Test
  void theyGoWithTheirLoopAndWithTheirRuntime() throws Exception {
    long atHome = counted("droppedAtHome");
    NettyLoop ending = NettyLoop.of(NettyNioLoopTest.newLoop());
    NativeRef orphan = counter.call(1L).toFuture(ending).get(30, TimeUnit.SECONDS);
    NettyNioLoopTest.end(ending);
    Builtin.eventually().until(() -> counted("droppedAtHome") == atHome + 1);
    orphan.close();
    NativeRuntime closing = Builtin.runtime();
    NativeRef left =
        closing
            .function("counter", NativeRef.class, long.class)
            .call(1L)
            .toFuture(loop)
            .get(30, TimeUnit.SECONDS);
    Builtin.closeAndAwaitNothingLeft(closing);
    Builtin.eventually().until(() -> counted("droppedAtHome") == atHome + 2);
    left.close();
  }

  /** The release is not offered again and again to a loop that has ended. */
  @Test
  void closedWhenBothItsRuntimeAndItsLoopAreGone() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    NettyLoop ending = NettyLoop.of(NettyNioLoopTest.newLoop());
    NativeRef object =
        closing
            .function("counter", NativeRef.class, long.class)
            .call(1L)
            .toFuture(ending)
            .get(30, TimeUnit.SECONDS);
    Builtin.closeAndAwaitNothingLeft(closing);
    NettyNioLoopTest.end(ending);
    assertThat(ending.executor().awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    object.close();
    Builtin.eventually().until(() -> BackgroundThread.EXECUTOR.getPoolSize() == 0);
  }
}
