package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Invocations of Java handlers that a cancel, a close or the end of a loop ends before their
 * answer.
 */
class JavaHandlerEndsTest extends HandlerScene {

  // Cancels

  @Test
  void aRustTimeoutCancelsTheStageOnTheLoop() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    JavaHandler<Long, Long> never =
        stages(
            number -> {
              CompletableFuture<Long> stage = new CompletableFuture<>();
              stage.whenComplete((value, error) -> cancelled.complete(loop.inLoop()));
              return stage;
            });
    assertThat(run(askingFor("askOrGiveUp").call(1L, never))).isFalse();
    assertThat(cancelled.get(30, TimeUnit.SECONDS)).as("cancelled on the loop").isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  private NativeFunction<Boolean> askingFor(String name) {
    return runtime.function(name, Boolean.class, long.class, JavaHandler.class);
  }

  @Test
  void cancellingTheCallCancelsWhateverIsBelowIt() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    AtomicReference<CompletableFuture<Void>> innermost = new AtomicReference<>();
    JavaHandler<Long, Long> inner =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              CompletableFuture<Void> below = start(never);
              innermost.set(below);
              return () -> below.cancel(false);
            });
    JavaHandler<Long, Long> outer = stages(number -> start(ask.call(number, inner)));
    CompletableFuture<Long> top = start(ask.call(1L, outer));
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 3);
    top.cancel(false);
    Builtin.eventually().until(() -> innermost.get().isCancelled());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anAnswerThatComesTooLateIsReleased() throws Exception {
    AtomicReference<HandlerAnswer<ByteBuf>> kept = new AtomicReference<>();
    JavaHandler<ByteBuf, ByteBuf> slow =
        JavaHandler.answering(
            ByteBuf.class,
            ByteBuf.class,
            (bytes, answer) -> {
              bytes.release();
              kept.set(answer);
              return null;
            });
    NativeFunction<byte[]> askBytes =
        runtime.function("askBytes", byte[].class, byte[].class, JavaHandler.class);
    CompletableFuture<byte[]> asked = start(askBytes.call(new byte[1], slow));
    Builtin.eventually().until(() -> kept.get() != null);
    asked.cancel(false);
    Builtin.awaitNothingLeft(runtime);
    ByteBuf late = PooledByteBufAllocator.DEFAULT.directBuffer();
    assertThat(kept.get().value(late)).isFalse();
    assertThat(late.refCnt()).isZero();
  }

  @Test
  void givingUpAtRandomTimesLeavesNothing() throws Exception {
    SplittableRandom random = new SplittableRandom(20_261_121);
    NativeFunction<Boolean> askOrGiveUp = askingFor("askOrGiveUp");
    JavaHandler<Long, Long> sometimes =
        stages(
            number ->
                switch (random.nextInt(3)) {
                  case 0 -> new CompletableFuture<>();
                  case 1 -> CompletableFuture.supplyAsync(() -> 1L);
                  default -> CompletableFuture.completedFuture(1L);
                });
    cancelSoon(
        spins ->
            spins.nextInt(2) == 0
                ? start(askOrGiveUp.call(spins.nextLong(2), sometimes))
                : start(ask.call(1L, sometimes.atOnce(1))));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void callsCancelsAndClosesFromInsideABodyDoNotHang() throws Exception {
    AtomicReference<CompletableFuture<Long>> self = new AtomicReference<>();
    JavaHandler<Long, Long> cancelsItsCall =
        longs(
            number -> {
              self.get().cancel(false);
              return number;
            });
    for (int i = 0; i < 200; i++) {
      OnLoop.run(loop, () -> self.set(start(ask.call(1L, cancelsItsCall))));
      assertThatThrownBy(() -> self.get().get(30, TimeUnit.SECONDS))
          .isInstanceOf(CancellationException.class);
    }
    Builtin.awaitNothingLeft(runtime);
    NativeRuntime own = Builtin.runtime();
    JavaHandler<Long, Long> closes =
        longs(
            number -> {
              own.close();
              return number;
            });
    NativeFunction<Long> asking = own.function("ask", Long.class, long.class, JavaHandler.class);
    // The answer and the close race; the call settles either way.
    start(asking.call(1L, closes)).handle((value, error) -> "settled").get(30, TimeUnit.SECONDS);
    Builtin.closeAndAwaitNothingLeft(own);
  }

  // Closes and loops that end

  @Test
  void closingTheRuntimeCancelsWhatABodyHasStarted() throws Exception {
    CompletableFuture<Long> pending = new CompletableFuture<>();
    CompletableFuture<Long> asked = start(ask.call(1L, stages(number -> pending)));
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == 1);
    runtime.close();
    assertThatThrownBy(() -> asked.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
    Builtin.eventually().until(pending::isCancelled);
  }

  @Test
  void closingEndsInvocationsThatShareOneStage() throws Exception {
    CompletableFuture<Long> shared = new CompletableFuture<>();
    JavaHandler<Long, Long> sharing = stages(number -> shared);
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      asked.add(start(ask.call(1L, sharing)));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == 4);
    assertThat(runtime.close(Duration.ZERO).unresponsiveLoops()).isEmpty();
    for (CompletableFuture<Long> each : asked) {
      assertThatThrownBy(() -> each.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RuntimeClosedException.class);
    }
  }

  @Test
  void aHandlerWhoseLoopHasDiedIsNeverRun() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    CompletableFuture<Long> pending = new CompletableFuture<>();
    NettyLoop dying = NettyLoop.of(NettyNioLoopTest.newLoop());
    JavaHandler<Long, Long> counting =
        stages(
            number -> {
              ran.incrementAndGet();
              return pending;
            });
    runtime
        .function("keepHandler", Void.class, JavaHandler.class)
        .call(counting)
        .toFuture(dying)
        .get(30, TimeUnit.SECONDS);
    NativeFunction<Long> askKept = runtime.function("askKept", Long.class, long.class);
    CompletableFuture<Long> before = start(askKept.call(1L));
    Builtin.eventually().until(() -> ran.get() == 1);
    NettyNioLoopTest.end(dying);
    assertThatThrownBy(() -> before.get(30, TimeUnit.SECONDS)).hasMessageContaining("shut down");
    assertThat(failure(askKept.call(1L))).isInstanceOf(NativeException.class);
    assertThat(ran).hasValue(1);
    run(runtime.function("forgetHandler", Void.class).call());
  }

  /** The loop dies while the request to run the handler waits for it. */
  @Test
  void anObjectForAHandlerThatNeverRunsIsClosed() throws Exception {
    NativeObject object =
        run(runtime.function("openTally", NativeObject.class, long.class).call(-1L));
    AtomicBoolean ran = new AtomicBoolean();
    JavaHandler<NativeObject, Long> show =
        JavaHandler.of(
            NativeObject.class,
            Long.class,
            shown -> {
              ran.set(true);
              shown.close();
              return 7L;
            });
    NativeCall<Long> call =
        runtime
            .function("showTally", Long.class, NativeObject.class, JavaHandler.class)
            .call(object, show);
    NativeCall<Long> later =
        runtime
            .function("tallyLater", Long.class, NativeObject.class, long.class, long.class)
            .call(object, 1L, 50L);
    NettyLoop dying = NettyLoop.of(NettyNioLoopTest.newLoop());
    AtomicInteger dropped = new AtomicInteger();
    // It drops what Rust's threads put on it: the drain for the outcome of `later` never runs, and
    // so no other drain is put there.
    OwnerLoop deaf =
        new ForwardingLoop(dying) {
          @Override
          public void execute(Runnable task) {
            if (inLoop()) {
              super.execute(task);
            } else {
              dropped.incrementAndGet();
            }
          }
        };
    CompletableFuture<Long> unheard = OnLoop.call(dying, () -> later.toFuture(deaf));
    Builtin.eventually().until(() -> dropped.get() > 0);
    CompletableFuture<Long> shown = OnLoop.call(dying, () -> call.toFuture(deaf));
    Builtin.eventually().until(() -> runtime.metrics().liveSharedObjects() == 2);
    NettyNioLoopTest.end(dying);
    for (CompletableFuture<Long> each : List.of(unheard, shown)) {
      assertThatThrownBy(() -> each.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OwnerGoneException.class);
    }
    assertThat(ran).isFalse();
    Builtin.eventually().until(() -> runtime.metrics().liveSharedObjects() == 1);
    object.close();
  }
}
