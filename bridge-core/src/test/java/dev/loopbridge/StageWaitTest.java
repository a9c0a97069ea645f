package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stage that the methods of another stage make refuses to be waited for on a loop too. */
class StageWaitTest extends LoopScene {

  /** Makes another stage of one. */
  interface Derivation {
    CompletionStage<?> of(CompletableFuture<Void> stage);
  }

  static Stream<Derivation> derivations() {
    CompletableFuture<Integer> other = new CompletableFuture<>();
    return Stream.of(
        CompletableFuture::minimalCompletionStage,
        stage -> stage.minimalCompletionStage().thenApply(none -> 1),
        stage -> stage.minimalCompletionStage().toCompletableFuture().thenApply(none -> 1),
        CompletableFuture::copy,
        CompletableFuture::toCompletableFuture,
        stage -> stage.orTimeout(1, TimeUnit.HOURS),
        stage -> stage.completeOnTimeout(null, 1, TimeUnit.HOURS),
        stage -> stage.completeAsync(() -> null, delayed -> {}),
        stage -> stage.thenCompose(none -> other),
        stage -> stage.thenCombine(other, (none, number) -> number),
        stage -> stage.acceptEither(new CompletableFuture<>(), none -> {}),
        stage -> stage.runAfterBoth(other, () -> {}),
        stage -> stage.handle((none, error) -> 1),
        stage -> stage.exceptionally(error -> null),
        stage -> stage.exceptionallyCompose(error -> stage),
        stage -> stage.whenComplete((none, error) -> {}));
  }

  @ParameterizedTest
  @MethodSource("derivations")
  void itRefuses(Derivation derivation) throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    onLoop(
        () -> {
          CompletableFuture<Void> stage = never.toFuture();
          CompletableFuture<?> derived = derivation.of(stage).toCompletableFuture();
          assertThatThrownBy(derived::join).isInstanceOf(BlockingOnLoopException.class);
          assertThatThrownBy(() -> derived.get(1, TimeUnit.HOURS))
              .isInstanceOf(BlockingOnLoopException.class);
          stage.cancel(false);
          return null;
        });
  }

  @Test
  void theReportOfACloseDoesToo() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletionStage<CloseReport> report =
        onLoop(
            () -> {
              CompletableFuture<Void> stage = never.toFuture();
              CompletionStage<CloseReport> closing = runtime.closeAsync(Duration.ofMinutes(1));
              assertThatThrownBy(closing.toCompletableFuture()::join)
                  .isInstanceOf(BlockingOnLoopException.class);
              stage.cancel(false);
              return closing;
            });
    assertThat(report.toCompletableFuture().get(30, TimeUnit.SECONDS).unresponsiveLoops())
        .isEmpty();
  }

  @Test
  void aMinimalStageCompletesAsItsSourceDoes() throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1, 2);
    CompletionStage<Long> sum = start(add).minimalCompletionStage();
    assertThat(sum.toCompletableFuture().get(30, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(sum.thenApply(value -> 2 * value).toCompletableFuture().join()).isEqualTo(6);
    CompletableFuture<Long> minimal = (CompletableFuture<Long>) sum;
    assertThatThrownBy(minimal::join).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> minimal.complete(1L))
        .isInstanceOf(UnsupportedOperationException.class);
    CompletableFuture<Void> never = start(runtime.function("never", Void.class).call());
    CompletableFuture<Void> copy = never.minimalCompletionStage().toCompletableFuture();
    copy.complete(null);
    assertThat(never).as("what a minimal stage makes is a copy").isNotDone();
    CompletionStage<Void> cancelled = never.minimalCompletionStage();
    never.cancel(false);
    assertThatThrownBy(cancelled.toCompletableFuture()::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(CancellationException.class);
  }
}
