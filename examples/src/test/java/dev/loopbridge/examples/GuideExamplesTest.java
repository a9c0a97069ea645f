package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.ContextCarrier;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.TooManyInFlightException;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Java code of the guide, run with the Rust library of the guide. */
class GuideExamplesTest {

  private static final Path LIBRARY =
      Path.of("target/cargo/release", System.mapLibraryName("mylibrary")).toAbsolutePath();
  private static final ThreadLocal<String> USER = new ThreadLocal<>();

  private static DefaultEventExecutor executor;
  private static OwnerLoop loop;
  private static NativeLibrary library;
  private static NativeRuntime runtime;

  @BeforeAll
  static void open() {
    System.setProperty("loopbridge.library.mylibrary", LIBRARY.toString());
    executor = new DefaultEventExecutor();
    loop = NettyLoop.of(executor);
    library = NativeLibrary.load("mylibrary");
    runtime = NativeRuntime.create(library);
  }

  @AfterAll
  static void close() {
    runtime.close();
    executor.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static CompletableFuture<String> greetUser(Map<Long, String> names) {
    NativeFunction<String> greetUser =
        runtime.function("greetUser", String.class, long.class, JavaHandler.class);
    JavaHandler<Long, String> nameOf = JavaHandler.of(Long.class, String.class, names::get);
    return greetUser.call(42L, nameOf).toFuture();
  }

  private static CompletableFuture<Integer> addLine(String text) {
    LoopRef<List<String>> lines = LoopRef.of(loop, new ArrayList<>());
    return lines.call(
        list -> {
          list.add(text); // on the loop
          return list.size();
        });
  }

  private static CompletionStage<Long> signOnce(String name) {
    NativeFunction<NativeRef> guestBook = runtime.function("guestBook", NativeRef.class);
    NativeFunction<Long> sign = runtime.function("sign", Long.class, NativeRef.class, String.class);
    return guestBook
        .call()
        .toFuture(loop)
        .thenCompose(
            book ->
                sign.call(book, name)
                    .toFuture(loop)
                    .whenComplete((signatures, error) -> book.close()));
  }

  private static NativeRuntime carryingTheUser() {
    ContextCarrier user =
        target -> {
          String name = USER.get(); // on the thread that starts the call
          return name == null
              ? null
              : () -> { // on the thread that runs the callback or the handler
                String before = USER.get();
                USER.set(name);
                return () -> USER.set(before);
              };
        };
    return NativeRuntime.builder(library).context(user).build();
  }

  private static CompletableFuture<String> greetOrExplain(int delayMillis) {
    NativeFunction<String> greet = runtime.function("greet", String.class, String.class, int.class);
    return greet
        .call("Ada", delayMillis)
        .toFuture()
        .exceptionally(
            error ->
                error instanceof NativeException failure
                    ? failure.errorType() + ": " + failure.getMessage()
                    : "the function has not run to its end: " + error);
  }

  private static void cancelOne() {
    NativeFunction<String> greet = runtime.function("greet", String.class, String.class, int.class);
    CompletableFuture<String> late = greet.call("Ada", 3_600_000).toFuture();
    late.cancel(false); // drops the Rust future, and with it the timer of Tokio
  }

  private static NativeRuntime limited() {
    return NativeRuntime.builder(library)
        .workerThreads(2) // of Tokio; by default one for each processor
        .blockingThreads(8) // for blocking functions; by default 512
        .maxInFlight(100) // calls of each loop; by default 4096
        .maxPayloadBytes(1 << 20) // arguments or result of one call; by default 64 MiB
        .build();
  }

  @Test
  void rustAsksJava() throws Exception {
    assertThat(get(greetUser(Map.of(42L, "Ada")))).isEqualTo("Hello, Ada!");
  }

  @Test
  void anObjectStaysOnItsLoop() throws Exception {
    assertThat(get(addLine("first"))).isEqualTo(1);
  }

  @Test
  void aRustObjectLivesOnTheLoop() throws Exception {
    assertThat(get(signOnce("Ada"))).isEqualTo(1);
  }

  @Test
  void contextGoesWithACall() throws Exception {
    try (NativeRuntime carrying = carryingTheUser()) {
      NativeFunction<String> greetUser =
          carrying.function("greetUser", String.class, long.class, JavaHandler.class);
      USER.set("Grace");
      try {
        JavaHandler<Long, String> user = JavaHandler.of(Long.class, String.class, id -> USER.get());
        assertThat(get(greetUser.call(1L, user).toFuture())).isEqualTo("Hello, Grace!");
      } finally {
        USER.remove();
      }
    }
  }

  @Test
  void anErrorHasItsRustType() throws Exception {
    assertThat(get(greetOrExplain(1))).isEqualTo("Hello, Ada!");
    assertThat(get(greetOrExplain(-1))).contains("TryFromIntError: out of range");
  }

  @Test
  void aCancelledCallEndsLongBeforeItsTime() {
    cancelOne();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> runtime.metrics().liveCalls() == 0);
  }

  @Test
  void theLimitRefusesOneCallMore() throws Exception {
    try (NativeRuntime limited = limited()) {
      NativeFunction<String> greet =
          limited.function("greet", String.class, String.class, int.class);
      List<CompletableFuture<String>> calls = new ArrayList<>();
      CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 100; i++) {
                  calls.add(greet.call("Ada", 3_600_000).toFuture());
                }
              },
              executor)
          .get(30, TimeUnit.SECONDS);
      assertThat(calls).noneMatch(CompletableFuture::isDone);
      CompletableFuture<String> refused = greet.call("Ada", 1).toFuture(loop);
      assertThatThrownBy(() -> get(refused)).hasCauseInstanceOf(TooManyInFlightException.class);
    }
  }
}
