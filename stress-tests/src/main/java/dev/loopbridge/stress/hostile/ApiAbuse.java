package dev.loopbridge.stress.hostile;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.ClosedException;
import dev.loopbridge.InvalidHandleException;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeLibraryException;
import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.SignatureMismatchException;
import dev.loopbridge.UnknownFunctionException;
import dev.loopbridge.WrongLoopException;
import dev.loopbridge.WrongRuntimeException;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** What nobody should write, written by way of the public classes alone. */
final class ApiAbuse {

  private static final Class<?> NULL = NullPointerException.class;
  private static final Class<?> ARGUMENT = IllegalArgumentException.class;
  private static final Class<?> MISMATCH = SignatureMismatchException.class;

  private final SplittableRandom random;
  private final NativeLibrary library;
  private final NativeRuntime runtime;
  private final NativeRuntime other;
  private final NativeRuntime closed;
  private final OwnerLoop home;
  private final OwnerLoop away;
  private final List<String> faults = new ArrayList<>();
  private final NativeFunction<Long> add;
  private long tried;

  /** What an abuse runs. */
  private interface Step {
    Object run() throws Throwable;
  }

  /**
   * Abuses two runtimes.
   *
   * @param beside of the library that comes with Loopbridge
   * @param closed a runtime of that library which was closed
   */
  ApiAbuse(
      SplittableRandom random,
      NativeLibrary library,
      Neighbours beside,
      NativeRuntime other,
      NativeRuntime closed) {
    this.random = random;
    this.library = library;
    this.runtime = beside.runtime();
    this.other = other;
    this.closed = closed;
    this.home = beside.bound().get(0);
    this.away = beside.loops().stream().filter(loop -> !loop.equals(home)).findFirst().orElse(home);
    this.add = runtime.function("add", Long.class, long.class, long.class);
  }

  long tried() {
    return tried;
  }

  /** Each abuse once; what was wrong with the answers. */
  List<String> run() throws Exception {
    faults.clear();
    lookUps();
    calls();
    loops();
    references();
    answers();
    results();
    afterTheEnd();
    return faults;
  }

  private void expect(String what, Class<?> refusal, Step step) {
    tried++;
    Throwable thrown = null;
    try {
      Object returned = step.run();
      if (returned instanceof CompletableFuture<?> stage) {
        stage.get(Neighbours.PATIENCE_SECONDS, SECONDS);
      }
    } catch (ExecutionException e) {
      thrown = e.getCause();
    } catch (TimeoutException e) {
      thrown = new IllegalStateException("it never settled", e);
    } catch (Throwable e) {
      thrown = e;
    }
    String fault = Refusal.fault(thrown, Set.of(refusal));
    if (fault != null) {
      faults.add(what + ": " + fault);
    }
  }

  private void same(String what, Object expected, Object actual) {
    tried++;
    if (!expected.equals(actual)) {
      faults.add(what + ": expected " + expected + ", was " + actual);
    }
  }

  private String nonsense() {
    char[] text = new char[random.nextInt(12)];
    for (int i = 0; i < text.length; i++) {
      text[i] = (char) random.nextInt(0x10000);
    }
    return new String(text);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // that is the point
  private void lookUps() {
    expect("no library of such a name", ARGUMENT, () -> NativeLibrary.load("../" + nonsense()));
    expect(
        "no library", NativeLibraryException.class, () -> NativeLibrary.load("none_of_this_name"));
    expect("no name", ARGUMENT, () -> NativeLibrary.load(null));
    expect(
        "no such function",
        UnknownFunctionException.class,
        () -> runtime.function("!" + nonsense(), Long.class));
    expect("no function", UnknownFunctionException.class, () -> runtime.function(null, Long.class));
    expect("no classes", NULL, () -> runtime.function("add", Long.class, (Class<?>[]) null));
    expect("no result", MISMATCH, () -> runtime.function("add", null, long.class, long.class));
    expect(
        "another result",
        MISMATCH,
        () -> runtime.function("add", (Class) String.class, long.class, long.class));
    expect("an argument too few", MISMATCH, () -> runtime.function("add", Long.class, long.class));
    expect(
        "a class that nothing is",
        MISMATCH,
        () -> runtime.function("add", Long.class, long.class, Object.class));
    NativeRuntime.Builder builder = NativeRuntime.builder(library);
    int number = -random.nextInt(1 << 30);
    expect("workers", ARGUMENT, () -> builder.workerThreads(number));
    expect("blocking threads", ARGUMENT, () -> builder.blockingThreads(number));
    expect("in flight", ARGUMENT, () -> builder.maxInFlight(number));
    expect("payload", ARGUMENT, () -> builder.maxPayloadBytes(number));
    expect("thread name", ARGUMENT, () -> builder.threadName(" "));
    expect("no thread name", ARGUMENT, () -> builder.threadName(null));
    expect("budget", ARGUMENT, () -> builder.drainBudget(Duration.ofNanos(number)));
    expect("linger", ARGUMENT, () -> builder.linger(Duration.ofSeconds(1)));
    expect("grace", ARGUMENT, () -> builder.shutdownGrace(Duration.ofNanos(number - 1L)));
    expect("owner", ARGUMENT, () -> builder.closedByOwner(Duration.ofNanos(number)));
    expect("no context", NULL, () -> builder.context(null));
    expect("no library to build", NULL, () -> NativeRuntime.builder(null));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // that is the point
  private void calls() {
    NativeFunction raw = add;
    expect("no arguments", MISMATCH, () -> add.call());
    expect("null arguments", MISMATCH, () -> add.call((Object[]) null));
    expect("a null", MISMATCH, () -> add.call(1L, null));
    expect("another type", MISMATCH, () -> raw.call("1", nonsense()));
    expect("a number of another kind", MISMATCH, () -> raw.call(1.5, 2L));
    expect("arrays", MISMATCH, () -> raw.call(new long[1], new Object[1]));
    expect("too many", MISMATCH, () -> add.call(1L, 2L, 3L));
    expect("no loop", NULL, () -> RawPort.of(runtime, null));
    expect("a start on no loop", NULL, () -> add.call(1L, 2L).start((OwnerLoop) null, ignoring()));
    expect("no target", NULL, () -> add.call(1L, 2L).start(home, null));
    expect("no callback", NULL, () -> RawPort.of(runtime, home).start(add.call(1L, 2L), null));
    expect("no adapter", NULL, () -> add.call(1L, 2L).as(null));
    NativeFunction<byte[]> echo = runtime.function("echo", byte[].class, ByteBuf.class);
    expect(
        "a released buffer",
        IllegalReferenceCountException.class,
        () -> {
          ByteBuf released = Unpooled.directBuffer(100).writeZero(100);
          released.release();
          return echo.call(released).toFuture(home);
        });
    expect(
        "an unpaired surrogate",
        ARGUMENT,
        () ->
            runtime
                .function("echoString", String.class, String.class)
                .call("x\udc00")
                .toFuture(home));
  }

  private void loops() throws Exception {
    RawPort port = RawPort.of(runtime, home);
    expect(
        "off the loop",
        WrongLoopException.class,
        () -> port.start(add.call(1L, 2L), (ticket, result) -> {}));
    expect("cancel off the loop", WrongLoopException.class, () -> port.cancel(random.nextLong()));
    RawPort foreign = RawPort.of(other, home);
    expect(
        "a port of another runtime",
        WrongRuntimeException.class,
        () -> on(home, () -> foreign.start(add.call(1L, 2L), (ticket, result) -> {})));
    // The core tells the threads of Netty's loops from others; of a user's loop it cannot know.
    if (home instanceof NettyLoop) {
      expect(
          "waiting on a loop",
          BlockingOnLoopException.class,
          () -> on(home, () -> add.call(1L, 2L).await()));
      expect(
          "closing with grace on a loop",
          BlockingOnLoopException.class,
          () -> on(home, () -> runtime.close(Duration.ZERO)));
    }
    expect("a negative grace", ARGUMENT, () -> runtime.close(Duration.ofNanos(-1)));
    expect("no grace", NULL, () -> runtime.closeAsync(null));
    for (int i = 0; i < 100; i++) {
      long ticket = random.nextLong();
      same("a forged ticket is cancelled", false, on(home, () -> port.cancel(ticket)));
    }
  }

  private void references() throws Exception {
    NativeRef counter =
        get(runtime.function("counter", NativeRef.class, long.class).call(1L).toFuture(home));
    NativeFunction<Long> count = runtime.function("count", Long.class, NativeRef.class, long.class);
    expect(
        "an object of another loop",
        WrongLoopException.class,
        () -> count.call(counter, 1L).toFuture(away));
    expect(
        "an object of another type",
        MISMATCH,
        () -> {
          NativeRef text =
              get(
                  runtime
                      .function("text", NativeRef.class, String.class)
                      .call("text")
                      .toFuture(home));
          try (text) {
            return get(count.call(text, 1L).toFuture(home));
          }
        });
    same("an object", 3L, get(count.call(counter, 2L).toFuture(home)));
    int[] name = NativeMethods.name(counter);
    long port = NativeMethods.handle(RawPort.of(runtime, home));
    for (int i = 0; i < 100; i++) {
      int slot = i % 2 == 0 ? name[0] : random.nextInt();
      int generation = name[1] ^ 1 << random.nextInt(Integer.SIZE);
      expect(
          "an object by another generation",
          InvalidHandleException.class,
          () ->
              on(
                  home,
                  () -> {
                    NativeMethods.localRelease(
                        NativeMethods.number(library), port, slot, generation);
                    return null;
                  }));
    }
    same(
        "an object that others were mistaken for", 3L, get(count.call(counter, 0L).toFuture(home)));
    counter.close();
    counter.close();
    expect(
        "an object that was closed",
        ClosedException.class,
        () -> count.call(counter, 1L).toFuture(home));
    expect("a pinned nothing", NULL, () -> LoopRef.of(home, null));
    expect("pinned nowhere", NULL, () -> LoopRef.of(null, "x"));
    LoopRef<String> pinned = LoopRef.of(home, "x");
    expect("a pinned object elsewhere", WrongLoopException.class, pinned::get);
    NativeFunction<?> giveBack = runtime.function("giveBack", LoopRef.class, LoopRef.class);
    if (!home.equals(away)) {
      expect(
          "a pinned object on another loop",
          WrongLoopException.class,
          () -> giveBack.call(pinned).toFuture(away));
    }
    same("a pinned object", pinned, get(giveBack.call(pinned).toFuture(home)));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // that is the point
  private void answers() throws Exception {
    expect("no body", NULL, () -> JavaHandler.of(long.class, long.class, null));
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Boolean> second = new CompletableFuture<>();
    JavaHandler<Long, Long> twice =
        JavaHandler.answering(
            long.class,
            long.class,
            (number, answer) -> {
              answer.value(number);
              second.complete(
                  ((HandlerAnswer) answer).value("x") || answer.error(new Error("late")));
              return () -> {};
            });
    same("a handler's first answer", 5L, get(ask.call(5L, twice).toFuture(home)));
    same("a second answer is taken", false, second.get(Neighbours.PATIENCE_SECONDS, SECONDS));
    JavaHandler raw = JavaHandler.of(long.class, (Class) Long.class, number -> "no number");
    expect("an answer of another type", MISMATCH, () -> thrownBy(ask.call(5L, raw)));
    expect(
        "a handler of other types",
        MISMATCH,
        () -> ask.call(5L, JavaHandler.of(String.class, String.class, text -> text)));
    expect("no turn for a handler", ARGUMENT, () -> twice.atOnce(0));
  }

  private Object thrownBy(NativeCall<?> call) throws Exception {
    return get(call.toFuture(home));
  }

  private void results() throws Exception {
    CallHandle handle = runtime.function("never", Void.class).call().start(home, ignoring());
    same("a cancel", true, handle.cancel());
    same("a cancel of a cancelled call", false, handle.cancel());
    NativeFunction<ByteBuf> make = runtime.function("makeBytes", ByteBuf.class, long.class);
    ByteBuf buffer = get(make.call(500L).toFuture(home));
    same("a result that was handed out is read-only", true, buffer.isReadOnly());
    buffer.release();
    expect(
        "a released result is read", IllegalReferenceCountException.class, () -> buffer.getByte(0));
    expect("a released result is released", IllegalReferenceCountException.class, buffer::release);
    CompletableFuture<Throwable> wrong = new CompletableFuture<>();
    CompletableFuture<Throwable> again = new CompletableFuture<>();
    on(
        home,
        () ->
            RawPort.of(runtime, home)
                .start(
                    make.call(500L),
                    (ticket, result) -> {
                      wrong.complete(thrown(() -> RawPort.longValue(result)));
                      RawPort.bytesValue(result);
                      again.complete(thrown(() -> RawPort.bytesValue(result)));
                    }));
    expect("a result as another type", IllegalStateException.class, () -> raise(wrong));
    expect("a payload taken twice", IllegalStateException.class, () -> raise(again));
  }

  private void afterTheEnd() {
    NativeFunction<Long> gone = closed.function("add", Long.class, long.class, long.class);
    closed.close();
    expect(
        "a call after the close",
        RuntimeClosedException.class,
        () -> gone.call(1L, 2L).toFuture(home));
    expect(
        "waiting after the close", RuntimeClosedException.class, () -> gone.call(1L, 2L).await());
    expect(
        "a port after the close",
        RuntimeClosedException.class,
        () ->
            on(
                home,
                () -> RawPort.of(closed, home).start(gone.call(1L, 2L), (ticket, result) -> {})));
    same("calls of a closed runtime", 0L, closed.metrics().liveCalls());
  }

  private static Throwable thrown(Step step) {
    try {
      step.run();
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  private static Object raise(CompletableFuture<Throwable> later) throws Throwable {
    Throwable thrown = later.get(Neighbours.PATIENCE_SECONDS, SECONDS);
    if (thrown != null) {
      throw thrown;
    }
    return null;
  }

  private static <R> R get(CompletableFuture<R> later) throws Exception {
    try {
      return later.get(Neighbours.PATIENCE_SECONDS, SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Runs something on a loop, and waits for it. */
  private static Object on(OwnerLoop loop, Step step) throws Exception {
    CompletableFuture<Object> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(step.run());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return get(done);
  }

  private static <R> CallTarget<R> ignoring() {
    return new CallTarget<>() {
      @Override
      public void value(R value) {}

      @Override
      public void error(Throwable error) {}
    };
  }
}
