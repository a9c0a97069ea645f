package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.Builtin;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import io.netty.channel.DefaultEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Rust awaits the Mono that a handler returns. */
class MonoHandlerTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final DefaultEventLoop executor = new DefaultEventLoop();
  private final NettyLoop loop = NettyLoop.of(executor);
  private final NativeFunction<Long> ask =
      runtime.function("ask", Long.class, long.class, JavaHandler.class);

  @AfterEach
  void closeAll() {
    Builtin.closeAndAwaitNothingLeft(runtime);
    executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private Mono<Long> asking(Function<Long, Mono<Long>> body) {
    JavaHandler<Long, Long> handler = ReactorBridge.handler(Long.class, Long.class, body);
    return ask.call(20L, handler).as(ReactorBridge.mono(loop));
  }

  @Test
  void aMonoIsSubscribedToOnTheLoopAndItsValueIsTheAnswer() {
    Mono<Long> asked =
        asking(
            number ->
                Mono.delay(Duration.ofMillis(1))
                    .map(tick -> number + 1)
                    .doOnSubscribe(subscription -> assertThat(loop.inLoop()).isTrue()));
    StepVerifier.create(asked).expectNext(21L).expectComplete().verify(Builtin.PATIENCE);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anEmptyMonoAnswersNone() {
    JavaHandler<String, Long> empty =
        ReactorBridge.handler(String.class, Long.class, text -> Mono.empty());
    Mono<Long> asked =
        runtime
            .function("askOptional", Long.class, String.class, JavaHandler.class)
            .call("text", empty)
            .as(ReactorBridge.mono(loop));
    StepVerifier.create(asked).expectComplete().verify(Builtin.PATIENCE);
  }

  @Test
  void anErrorGoesThroughRustAndComesBackAsItself() {
    IOException gone = new IOException("gone");
    StepVerifier.create(asking(number -> Mono.error(gone)))
        .expectErrorMatches(error -> error == gone)
        .verify(Builtin.PATIENCE);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void cancellingTheOuterMonoCancelsTheInnerOnTheLoop() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    CompletableFuture<Void> subscribed = new CompletableFuture<>();
    Mono<Long> asked =
        asking(
            number ->
                Mono.<Long>never()
                    .doOnSubscribe(subscription -> subscribed.complete(null))
                    .doOnCancel(() -> cancelled.complete(loop.inLoop())));
    StepVerifier.create(asked).then(subscribed::join).thenCancel().verify(Builtin.PATIENCE);
    assertThat(cancelled.get(30, TimeUnit.SECONDS)).isTrue();
    Builtin.awaitNothingLeft(runtime);
  }
}
