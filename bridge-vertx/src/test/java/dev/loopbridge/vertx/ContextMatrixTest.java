package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.Builtin;
import dev.loopbridge.ContextCarrier;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.spi.context.storage.AccessMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The context of a caller is restored in the callbacks of its calls, and stays on no thread. */
class ContextMatrixTest extends BridgeTest {

  private static final int AT_ONCE = 100;
  private static final ThreadLocal<Long> NUMBER = new ThreadLocal<>();

  private final NativeRuntime carrying =
      NativeRuntime.builder(Builtin.library())
          .workerThreads(2)
          .context(
              target -> {
                Long number = NUMBER.get();
                return number == null ? null : () -> become(number);
              })
          .build();

  /** The context in which the caller has its number. */
  enum Carrier {
    THREAD_LOCAL,
    CONTEXT_LOCAL
  }

  /** The kind of handler that Rust asks. */
  enum Asked {
    VALUE,
    STAGE,
    /** A handler that the verticle made once. */
    FUTURE_OF_THE_VERTICLE,
    /** A handler that each request makes for itself. */
    FUTURE_OF_THE_REQUEST
  }

  static Stream<Arguments> matrix() {
    return Builtin.asking()
        .flatMap(
            name ->
                Verticles.kinds()
                    // Contexts of the other kinds have no single thread that could drive a loop-
                    // driven future.
                    .filter(kind -> !name.startsWith("local") || kind == ThreadingModel.EVENT_LOOP)
                    .flatMap(
                        kind ->
                            Stream.of(Carrier.values())
                                .flatMap(
                                    carrier ->
                                        Stream.of(Asked.values())
                                            .map(
                                                asked ->
                                                    Arguments.of(name, kind, carrier, asked)))));
  }

  @AfterEach
  void closeCarrying() {
    Builtin.closeAndAwaitNothingLeft(carrying);
  }

  private static ContextCarrier.Scope become(Long number) {
    Long before = NUMBER.get();
    NUMBER.set(number);
    return () -> NUMBER.set(before);
  }

  private static Map<Object, Object> locals(ContextInternal context) {
    return context.getLocal(
        ContextInternal.LOCAL_MAP, AccessMode.CONCURRENT, ConcurrentHashMap::new);
  }

  /** The number in the current context. */
  private static Object found(Carrier carrier) {
    if (carrier == Carrier.THREAD_LOCAL) {
      return NUMBER.get();
    }
    ContextInternal context = (ContextInternal) Vertx.currentContext();
    return context == null ? null : locals(context).get(NUMBER);
  }

  /** The number if the callback ran in the context of its own call. */
  private static long seen(Carrier carrier, long number) {
    return Long.valueOf(number).equals(found(carrier)) ? number : -1;
  }

  private JavaHandler<Long, Long> handler(Asked asked, Carrier carrier) {
    return switch (asked) {
      case VALUE -> JavaHandler.of(Long.class, Long.class, number -> seen(carrier, number));
      case STAGE ->
          JavaHandler.stage(
              Long.class,
              Long.class,
              number -> {
                long seen = seen(carrier, number);
                return CompletableFuture.supplyAsync(() -> seen);
              });
      default ->
          VertxBridge.handler(
              Long.class,
              Long.class,
              number -> {
                long seen = seen(carrier, number);
                // Vert.x restores its own context after its timer, and no thread local.
                return vertx
                    .timer(1)
                    .map(tick -> carrier == Carrier.CONTEXT_LOCAL ? seen(carrier, number) : seen);
              });
    };
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void nothingIsLost(String name, ThreadingModel kind, Carrier carrier, Asked asked)
      throws Exception {
    NativeFunction<Long> ask = carrying.function(name, Long.class, long.class, JavaHandler.class);
    ContextInternal root = Verticles.deploy(vertx, kind).context();
    JavaHandler<Long, Long> ofAll = Verticles.on(root, () -> handler(asked, carrier));
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (long number = 0; number < AT_ONCE; number++) {
      all.add(request(root.duplicate(), ask, number, carrier, asked, ofAll));
    }
    for (int number = 0; number < AT_ONCE; number++) {
      assertThat(all.get(number).get(30, TimeUnit.SECONDS)).isEqualTo(number);
    }
    for (Carrier any : Carrier.values()) {
      assertThat(Verticles.on(root, () -> found(any))).as("left: " + any).isNull();
      assertThat(Verticles.on(root.duplicate(), () -> found(any))).as("left: " + any).isNull();
    }
  }

  private CompletableFuture<Long> request(
      ContextInternal context,
      NativeFunction<Long> ask,
      long number,
      Carrier carrier,
      Asked asked,
      JavaHandler<Long, Long> ofAll) {
    CompletableFuture<Long> answered = new CompletableFuture<>();
    context.runOnContext(
        event -> {
          JavaHandler<Long, Long> handler =
              asked == Asked.FUTURE_OF_THE_REQUEST ? handler(asked, carrier) : ofAll;
          if (carrier == Carrier.CONTEXT_LOCAL) {
            locals(context).put(NUMBER, number);
          } else {
            NUMBER.set(number);
          }
          ask.call(number, handler)
              .as(VertxBridge.future())
              // runs at once for a loop-driven call that is ready
              .map(answer -> seen(carrier, answer))
              .onComplete((answer, error) -> complete(answered, answer, error));
          NUMBER.remove();
        });
    return answered;
  }

  private static void complete(CompletableFuture<Long> to, Long answer, Throwable error) {
    if (error != null) {
      to.completeExceptionally(error);
    } else {
      to.complete(answer);
    }
  }
}
