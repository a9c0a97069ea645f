package dev.loopbridge;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/**
 * The built-in library, runtimes of it, and the check at the end of every test that nothing is left
 * in a runtime.
 */
public final class Builtin {

  /** How long anything may take on a busy machine. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private Builtin() {}

  /** Takes the lock that {@code tryHold} waits for. Cancelling the result releases the lock. */
  static CompletableFuture<Void> hold(NativeRuntime runtime) {
    CompletableFuture<Void> held = runtime.function("hold", Void.class).call().toFuture();
    NativeCall<Boolean> look = runtime.function("tryHold", Boolean.class, long.class).call(0L);
    eventually().until(() -> !look.await());
    return held;
  }

  /** Waits for a condition, which it tests at short intervals. */
  public static ConditionFactory eventually() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2));
  }

  /** Functions that ask a handler for the answer to a number, in each way Rust runs them. */
  public static Stream<String> asking() {
    return Stream.of("ask", "askNested", "localAsk");
  }

  /** A task that blocks its loop until the latch is open. */
  static Runnable blockedUntil(CountDownLatch release) {
    return () -> {
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** The library of operations made for tests. */
  public static NativeLibrary library() {
    return NativeLibrary.load("loopbridge_builtin", Builtin.class.getClassLoader());
  }

  /** A runtime with two workers. */
  public static NativeRuntime runtime() {
    return NativeRuntime.builder(library()).workerThreads(2).build();
  }

  /** Waits until no call, task, payload or lent memory is left in a runtime that is still open. */
  public static void awaitNothingLeft(NativeRuntime runtime) {
    eventually()
        .untilAsserted(
            () -> {
              RuntimeMetrics metrics = runtime.metrics();
              Assertions.assertThat(metrics.liveCalls()).as("live calls").isZero();
              Assertions.assertThat(metrics.lendingCalls()).as("lending calls").isZero();
              Assertions.assertThat(metrics.liveTasks()).as("live tasks").isZero();
              Assertions.assertThat(metrics.callsFinished())
                  .as("calls finished")
                  .isEqualTo(metrics.callsBegun());
              Assertions.assertThat(metrics.livePayloads()).as("live payloads").isZero();
              Assertions.assertThat(metrics.livePayloadBytes()).as("payload bytes").isZero();
              Assertions.assertThat(metrics.liveLeases()).as("live leases").isZero();
              Assertions.assertThat(metrics.heldObjects()).as("handlers Rust holds").isZero();
              Assertions.assertThat(metrics.liveInvocations()).as("live invocations").isZero();
              Assertions.assertThat(metrics.liveLocalFutures()).as("loop-driven").isZero();
              Assertions.assertThat(metrics.liveLocalObjects()).as("objects of Rust's").isZero();
              Assertions.assertThat(metrics.liveSharedObjects()).as("shared objects").isZero();
              Assertions.assertThat(metrics.globalReferences())
                  .as("JNI references, one for each port")
                  .isEqualTo(metrics.livePorts());
            });
  }

  /** Closes a runtime and waits until its ports, references and threads are gone too. */
  public static void closeAndAwaitNothingLeft(NativeRuntime runtime) {
    runtime.close();
    awaitNothingLeft(runtime);
    eventually()
        .untilAsserted(
            () -> {
              RuntimeMetrics metrics = runtime.metrics();
              Assertions.assertThat(metrics.livePorts()).as("live ports").isZero();
              Assertions.assertThat(metrics.globalReferences()).as("JNI references").isZero();
              Assertions.assertThat(metrics.attachedThreads()).as("attached threads").isZero();
            });
  }
}
