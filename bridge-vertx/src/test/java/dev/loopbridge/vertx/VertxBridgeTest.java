package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.Builtin;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.SignatureMismatchException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.spi.context.storage.AccessMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On which context Vert.x futures complete, and which values they carry. */
class VertxBridgeTest extends BridgeTest {

  private static final String KINDS = "dev.loopbridge.vertx.Verticles#kinds";
  private static final int MANY = 10_000;

  private static Map<Object, Object> locals(ContextInternal context) {
    return context.getLocal(
        ContextInternal.LOCAL_MAP, AccessMode.CONCURRENT, ConcurrentHashMap::new);
  }

  /** The context and thread on which a handler ran. */
  private record Seen(Object result, ContextInternal context, boolean inThread) {

    static Seen now(Object result) {
      ContextInternal context = (ContextInternal) Vertx.currentContext();
      return new Seen(result, context, context != null && context.inThread());
    }
  }

  private static void assertSeen(
      CompletableFuture<Seen> seen, Object result, ContextInternal context) throws Exception {
    Seen where = seen.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(where.result()).isEqualTo(result);
    assertThat(where.context()).isSameAs(context);
    assertThat(where.inThread()).isTrue();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void completesOnTheCallersOwnDuplicatedContext(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    locals(caller).put("who", "the caller");
    for (long yields : new long[] {0, 1, 100}) {
      CompletableFuture<Seen> seen = new CompletableFuture<>();
      caller.runOnContext(
          event ->
              yieldTimes
                  .call(yields)
                  .as(VertxBridge.future())
                  .map(result -> locals((ContextInternal) Vertx.currentContext()).get("who"))
                  .onComplete((who, error) -> seen.complete(Seen.now(who))));
      assertSeen(seen, "the caller", caller);
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void callsThatFollowOneAnotherStayOnTheContext(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    caller.runOnContext(
        event ->
            add.call(1L, 2L)
                .as(VertxBridge.future())
                .compose(sum -> add.call(sum, 3L).as(VertxBridge.future()))
                .compose(sum -> yieldTimes.call(sum).as(VertxBridge.future()))
                .onComplete((sum, error) -> seen.complete(Seen.now(sum))));
    assertSeen(seen, 6L, caller);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aRootContextWillDoAsWell(ThreadingModel kind) throws Exception {
    ContextInternal root = Verticles.deploy(vertx, kind).context();
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    add.call(1L, 2L)
        .as(VertxBridge.future(root))
        .onComplete((sum, error) -> seen.complete(Seen.now(sum)));
    assertSeen(seen, 3L, root);
  }

  /** Handlers of one context never run at the same time: they count without synchronisation. */
  private final class Counting {

    private final Future<?>[] futures = new Future<?>[MANY];
    private final List<String> wrong = new ArrayList<>();
    private int done;

    void start(int number, ContextInternal context) {
      Future<Long> future =
          number % 2 == 0
              ? add.call((long) number, 0L).as(VertxBridge.future(context))
              : yieldTimes.call((long) number % 5).as(VertxBridge.future(context));
      futures[number] = future.onComplete((result, error) -> count(number, context, result, error));
    }

    private void count(int number, ContextInternal context, Long result, Throwable error) {
      long expected = number % 2 == 0 ? number : number % 5;
      if (error != null || result != expected || Vertx.currentContext() != context) {
        wrong.add(number + ": " + result + ", " + error + " on " + Vertx.currentContext());
      }
      done++;
    }

    void assertAllRight(Context context) throws Exception {
      Verticles.settled(Future.join(List.of(futures)));
      Verticles.on(
          context,
          () -> {
            assertThat(wrong).isEmpty();
            assertThat(done).isEqualTo(MANY);
            return null;
          });
      Builtin.awaitNothingLeft(runtime);
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void tenThousandCallsFromTheContext(ThreadingModel kind) throws Exception {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    Counting counting = new Counting();
    Verticles.on(
        context,
        () -> {
          for (int i = 0; i < MANY; i++) {
            counting.start(i, context);
          }
          return null;
        });
    counting.assertAllRight(context);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void tenThousandCallsFromElsewhere(ThreadingModel kind) throws Exception {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    Counting counting = new Counting();
    for (int i = 0; i < MANY; i++) {
      counting.start(i, context);
    }
    counting.assertAllRight(context);
  }

  @Test
  void noFutureIsMadeWithoutAContext() {
    assertThatThrownBy(() -> add.call(1L, 2L).as(VertxBridge.future()))
        .isInstanceOf(NoVertxContextException.class)
        .hasMessageContaining(Thread.currentThread().getName())
        .hasMessageContaining("future(context)")
        .hasMessageContaining("future(vertx)");
    assertThatThrownBy(() -> add.call(1L, 2L).as(VertxBridge.cancellable()))
        .isInstanceOf(NoVertxContextException.class);
    assertThat(runtime.metrics().submissions()).isZero();
  }

  @Test
  void nothingIsMadeOfNull() {
    assertThatThrownBy(() -> VertxBridge.future((Vertx) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> VertxBridge.cancellable((Context) null))
        .isInstanceOf(NullPointerException.class);
    assertThat(VertxBridge.buffer(null)).isNull();
    assertThat(VertxBridge.bytes(null)).isNull();
  }

  @Test
  void aThreadOfNoContextGetsAnEventLoopContext() throws Exception {
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    add.call(1L, 2L)
        .as(VertxBridge.future(vertx))
        .onComplete((sum, error) -> seen.complete(Seen.now(sum)));
    Seen where = seen.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(where.result()).isEqualTo(3L);
    assertThat(where.inThread()).isTrue();
    assertThat(where.context().isEventLoopContext()).isTrue();
    assertThat(where.context().owner()).isSameAs(vertx);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void futureOfVertxStaysOnTheContextThereIs(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    caller.runOnContext(
        event ->
            add.call(1L, 2L)
                .as(VertxBridge.<Long>cancellable(vertx))
                .future()
                .onComplete((sum, error) -> seen.complete(Seen.now(sum))));
    assertSeen(seen, 3L, caller);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void blockingCodeOfAContextIsOnThatContext(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    CompletableFuture<Seen> seen = new CompletableFuture<>();
    caller.runOnContext(
        event ->
            vertx.executeBlocking(
                () ->
                    add.call(1L, 2L)
                        .as(VertxBridge.future())
                        .onComplete((sum, error) -> seen.complete(Seen.now(sum)))));
    assertSeen(seen, 3L, caller);
  }

  @Test
  void verticlesOfOneEventLoopShareAPort() throws Exception {
    List<ContextInternal> contexts =
        Verticles.deploy(vertx, ThreadingModel.EVENT_LOOP, 2).contexts();
    assertThat(contexts.get(0)).isNotSameAs(contexts.get(1));
    for (ContextInternal context : contexts) {
      assertThat(Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)))).isEqualTo(3L);
    }
    assertThat(runtime.metrics().livePorts()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aHandlerThatThrowsIsReportedToItsContextAndHarmsNoOther(ThreadingModel kind)
      throws Exception {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    CompletableFuture<Throwable> reported = new CompletableFuture<>();
    context.exceptionHandler(reported::complete);
    IllegalStateException thrown = new IllegalStateException("from a handler");
    add.call(1L, 2L)
        .as(VertxBridge.future(context))
        .onSuccess(
            sum -> {
              throw thrown;
            });
    assertThat(reported.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isSameAs(thrown);
    assertThat(Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)))).isEqualTo(3L);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void buffersGoInAndOut(ThreadingModel kind) {
    Context context = Verticles.deploy(vertx, kind).context();
    NativeFunction<Buffer> echo = runtime.function("echo", Buffer.class, Buffer.class);
    for (int length : new int[] {0, 1, 30, 100_000}) {
      byte[] content = new byte[length];
      for (int i = 0; i < length; i++) {
        content[i] = (byte) (i * 31);
      }
      Buffer given = Buffer.buffer(content);
      Buffer received = Verticles.settled(echo.call(given).as(VertxBridge.future(context)));
      assertThat(received).isEqualTo(given);
      assertThat(received.copy().appendBuffer(given).length()).isEqualTo(2 * length);
      assertThat(received.appendByte((byte) 1).appendString("more").length()).isEqualTo(length + 5);
      Buffer slice = given.slice(length / 3, length);
      assertThat(Verticles.settled(echo.call(slice).as(VertxBridge.future(context))))
          .isEqualTo(slice);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aBufferThatIsNoneIsNull() throws Exception {
    NativeFunction<Buffer> echo = runtime.function("echoOptionalBytes", Buffer.class, Buffer.class);
    assertThat(echo.call((Object) null).await()).isNull();
    assertThat(echo.call(Buffer.buffer("some")).await()).isEqualTo(Buffer.buffer("some"));
  }

  @Test
  void aHandlerTakesAndAnswersBuffers() throws Exception {
    NativeFunction<Buffer> ask =
        runtime.function("askBytes", Buffer.class, Buffer.class, JavaHandler.class);
    JavaHandler<Buffer, Buffer> twice =
        JavaHandler.of(Buffer.class, Buffer.class, it -> it.copy().appendBuffer(it));
    for (int length : new int[] {0, 10, 100_000}) {
      Buffer given = Buffer.buffer(new byte[length]).appendString("!");
      assertThat(ask.call(given, twice).await()).isEqualTo(given.copy().appendBuffer(given));
    }
    Builtin.awaitNothingLeft(runtime);
  }

  /** The arguments that Rust's askSeveral passes. */
  record Several(
      long number, String text, Buffer bytes, boolean positive, double half, Integer length) {}

  @Test
  void aBufferMayBeOneOfSeveralArguments() throws Exception {
    NativeFunction<String> ask =
        runtime.function(
            "askSeveral", String.class, long.class, String.class, Buffer.class, JavaHandler.class);
    JavaHandler<Several, String> joining =
        JavaHandler.of(Several.class, String.class, it -> it.text() + it.bytes());
    assertThat(ask.call(1L, "a", Buffer.buffer("b"), joining).await()).isEqualTo("ab");
  }

  @Test
  void aBufferStandsForBytesOnly() {
    assertThatThrownBy(() -> runtime.function("echoString", Buffer.class, String.class))
        .isInstanceOf(SignatureMismatchException.class);
    NativeFunction<byte[]> echo = runtime.function("echo", byte[].class, byte[].class);
    assertThatThrownBy(() -> echo.call("text"))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("ByteBuf or byte[] or Buffer");
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aByteBufBelongsToTheHandler(ThreadingModel kind) {
    Context context = Verticles.deploy(vertx, kind).context();
    NativeFunction<ByteBuf> echo = runtime.function("echo", ByteBuf.class, ByteBuf.class);
    ByteBuf given = ByteBufAllocator.DEFAULT.directBuffer(100_000).writeZero(100_000);
    ByteBuf received = Verticles.settled(echo.call(given).as(VertxBridge.future(context)));
    assertThat(received).isEqualTo(given);
    assertThat(runtime.metrics().livePayloads()).isEqualTo(1);
    received.release();
    Builtin.awaitNothingLeft(runtime);
    assertThat(given.refCnt()).isEqualTo(1);
    given.release();
  }
}
