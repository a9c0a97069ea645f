package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A result kept past its callback never reads as another call's. */
class KeptResultTest extends LoopScene {

  private static Stream<ThrowingCallable> uses(NativeResult kept) {
    return Stream.of(
        kept::isValue,
        kept::isNull,
        kept::error,
        kept::booleanValue,
        kept::intValue,
        kept::longValue,
        kept::doubleValue,
        kept::stringValue,
        kept::bytesValue,
        kept::bufferValue,
        kept::refValue,
        kept::localValue);
  }

  private static void assertRefused(NativeResult kept) {
    uses(kept)
        .forEach(
            use ->
                assertThatThrownBy(use)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("outside of its callback"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"add", "localAdd"})
  void itThrowsAfterItsCallback(String function) throws Exception {
    NativeFunction<Long> add = runtime.function(function, Long.class, long.class, long.class);
    Port port = runtime.on(loop);
    CompletableFuture<NativeResult> first = new CompletableFuture<>();
    onLoop(
        () ->
            add.call(1L, 2L)
                .start(
                    port,
                    (ticket, result) -> {
                      assertThat(result.longValue()).isEqualTo(3);
                      first.complete(result);
                    }));
    NativeResult kept = first.get(30, TimeUnit.SECONDS);
    assertRefused(kept); // on another thread
    onLoop(
        () -> {
          assertRefused(kept);
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"add", "localAdd"})
  void itThrowsInTheNextCallsCallbacks(String function) throws Exception {
    NativeFunction<Long> add = runtime.function(function, Long.class, long.class, long.class);
    Port port = runtime.on(loop);
    List<NativeResult> kept = new ArrayList<>();
    AtomicInteger wrong = new AtomicInteger();
    CompletableFuture<Void> all = new CompletableFuture<>();
    RawCallback keep =
        (ticket, result) -> {
          for (NativeResult earlier : kept) {
            try {
              earlier.longValue();
              wrong.incrementAndGet();
            } catch (ClosedException e) {
              // As it must be.
            }
          }
          kept.add(result);
          if (kept.size() == 4) {
            all.complete(null);
          }
        };
    onLoop(
        () -> {
          for (long i = 0; i < 4; i++) {
            add.call(i, 1L).start(port, keep);
          }
          return null;
        });
    all.get(30, TimeUnit.SECONDS);
    assertThat(wrong).hasValue(0);
  }
}
