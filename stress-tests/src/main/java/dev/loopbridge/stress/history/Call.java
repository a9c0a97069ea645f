package dev.loopbridge.stress.history;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Signals;
import dev.loopbridge.reactor.ReactorBridge;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import dev.loopbridge.stress.history.Event.What;
import dev.loopbridge.vertx.CancellableFuture;
import dev.loopbridge.vertx.VertxBridge;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Promise;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** One call of a program, from its start to the last notification of its future. */
final class Call {

  private static final Object NOT_STARTED = new Object();

  private final ProgramRun run;
  private final int id;
  private final CallKind kind;
  private final Adapter adapter;
  private final Script script;
  private final boolean unruly;
  private final long signal;
  private final ByteBuf lent;
  private volatile NativeRef reference;

  /**
   * The future or handle that cancels the call, of the adapter's type; null once the user dropped
   * it.
   */
  private final AtomicReference<Object> future = new AtomicReference<>(NOT_STARTED);

  private volatile boolean begun;
  private volatile boolean notified;
  private volatile boolean cancelled;

  Call(
      ProgramRun run,
      int id,
      CallKind kind,
      Adapter adapter,
      Script script,
      boolean unruly,
      NativeRef reference) {
    this.run = run;
    this.id = id;
    this.kind = kind;
    this.adapter = adapter;
    // The task that it spawned asks on after a cancel, and waits for an answer.
    boolean outlives = kind == CallKind.ASK_NESTED && script == Script.NEVER;
    this.script = outlives ? Script.LATE : script;
    this.unruly = unruly;
    this.reference = reference;
    this.signal = kind.waitsForSignal() ? Signals.next() : 0;
    this.lent = kind.lends() ? run.lend(id) : null;
  }

  int id() {
    return id;
  }

  CallKind kind() {
    return kind;
  }

  Adapter adapter() {
    return adapter;
  }

  Script script() {
    return script;
  }

  long signal() {
    return signal;
  }

  ByteBuf lent() {
    return lent;
  }

  NativeRef reference() {
    return reference;
  }

  /** Drops the references to Rust's objects after the program's end, its own and its future's. */
  void forgetObjects() {
    if (kind == CallKind.COUNTER || kind.usesReference()) {
      future.set(null);
      reference = null;
    }
  }

  /** Returns whether the call was started at all: a loop that ends drops its queued tasks. */
  boolean hasBegun() {
    return begun;
  }

  /** Returns whether the caller was notified, or a cancel excludes it. */
  boolean isDone() {
    return notified || cancelled;
  }

  /** Returns whether the call ends by itself once signals and answers are given. */
  boolean endsByItself() {
    return kind.expected(id, script) != null;
  }

  // Starting.

  /** Starts the call from any thread; the start of a raw call goes to the loop. */
  void start() {
    if (adapter == Adapter.RAW && !run.loop().inLoop()) {
      try {
        run.loop().execute(this::startNow);
      } catch (RejectedExecutionException e) {
        cancelled = true; // never begun
      }
    } else {
      startNow();
    }
  }

  private void startNow() {
    begun = true;
    run.history().add(What.START_BEGUN, id, null, 0, run.isOnOwner());
    try {
      startAs(kind.call(run.runtime(), this));
    } catch (RuntimeException | Error e) {
      addOutcome(null, e); // a refused raw start throws
    }
    run.history().add(What.START_ENDED, id, null, 0, run.isOnOwner());
  }

  private <R> void startAs(NativeCall<R> call) {
    switch (adapter) {
      case RAW -> {
        RawPort port = RawPort.of(run.runtime(), run.loop());
        long ticket = port.start(call, (started, result) -> settledRaw(result));
        started((Raw) () -> port.cancel(ticket));
      }
      case TARGET -> started(call.start(run.loop(), new Target<>()));
      case STAGE -> {
        CompletableFuture<R> stage = call.toFuture(run.loop());
        started(stage);
        stage.whenComplete(this::settled);
      }
      case PROMISE -> {
        Promise<R> promise = call.toPromise(((NettyLoop) run.loop()).executor());
        started(promise);
        promise.addListener(done -> settled(done.isSuccess() ? done.getNow() : null, done.cause()));
      }
      case MONO -> {
        Mono<R> mono = call.as(ReactorBridge.mono(run.loop()));
        // A Mono with a value and an empty one both complete: the default makes one callback of
        // each.
        started(
            mono.map(value -> (Object) value)
                .defaultIfEmpty(EMPTY)
                .subscribe(
                    value -> settled(value == EMPTY ? null : value, null),
                    error -> settled(null, error)));
      }
      case VERTX -> {
        CancellableFuture<R> cancellable = call.as(VertxBridge.cancellable(run.context()));
        started(cancellable);
        try {
          cancellable.future().onComplete(this::settled);
        } catch (RejectedExecutionException e) {
          // Vert.x throws this when its context has no thread for callbacks any more.
        }
      }
    }
  }

  private static final Object EMPTY = new Object();

  private void started(Object as) {
    future.compareAndSet(NOT_STARTED, as);
  }

  /** A raw call's cancel by its ticket. */
  private interface Raw {
    boolean cancel();
  }

  private final class Target<R> implements CallTarget<R> {

    @Override
    public void value(R value) {
      settled(value, null);
    }

    @Override
    public void error(Throwable error) {
      settled(null, error);
    }
  }

  // Ending.

  /** Drops the future, as a user who forgets it; the callbacks stay. */
  void drop() {
    Object held = future.get();
    // The run finds the outcome of the others by their future where no callback can run.
    boolean callsBack = adapter != Adapter.PROMISE && adapter != Adapter.VERTX;
    if (held != NOT_STARTED && callsBack && endsByItself()) {
      future.set(null);
    }
  }

  /** Cancels the call from any thread; returns whether it had a future or handle yet. */
  boolean cancel() {
    Object held = future.get();
    if (held == NOT_STARTED || held == null) {
      return false;
    }
    if (held instanceof Raw && !run.loop().inLoop()) {
      try {
        run.loop().execute(() -> cancel(held));
      } catch (RejectedExecutionException e) {
        // The loop has ended: the call is notified of that.
      }
    } else {
      cancel(held);
    }
    return true;
  }

  private void cancel(Object held) {
    run.history().add(What.CANCEL_BEGUN, id, null, 0, run.isOnOwner());
    boolean won = false;
    if (held instanceof Raw raw) {
      won = raw.cancel();
    } else if (held instanceof CallHandle handle) {
      won = handle.cancel();
    } else if (held instanceof CompletableFuture<?> stage) {
      won = stage.cancel(false);
    } else if (held instanceof Promise<?> promise) {
      won = promise.cancel(false);
    } else if (held instanceof Disposable subscription) {
      subscription.dispose(); // a signal may or may not have come before
    } else if (held instanceof CancellableFuture<?> cancellable) {
      won = cancellable.cancel();
    }
    run.history().add(What.CANCEL_ENDED, id, null, won ? 1 : 0, run.isOnOwner());
    if (adapter == Adapter.MONO || (won && adapter.isSilentOnCancel())) {
      cancelled = true; // after the event: a thread that sees this reads the history
    }
  }

  /**
   * Returns the outcome in the future, where no callback can run any more; null if there is none.
   */
  Outcome found() {
    Object held = future.get();
    if (held instanceof Promise<?> promise && promise.isDone()) {
      return promise.isSuccess() ? outcome(promise.getNow(), null) : outcome(null, promise.cause());
    } else if (held instanceof CancellableFuture<?> cancellable
        && cancellable.future().isComplete()) {
      return outcome(cancellable.future().result(), cancellable.future().cause());
    }
    return null;
  }

  /** Notes that the future was found complete. */
  void found(Outcome outcome) {
    run.history().add(What.FOUND, id, outcome, number, false);
    notified = true;
  }

  private void settledRaw(Object result) {
    try {
      settled(RawPort.isValue(result) ? taken(result) : null, RawPort.error(result));
    } catch (RuntimeException e) {
      if (!(e instanceof Outcome.Planned)) {
        run.history().add(What.SETTLED, id, Outcome.of(e), 0, run.isOnOwner());
        notified = true;
      }
      throw e;
    }
  }

  private Object taken(Object result) {
    if (RawPort.isNull(result)) {
      return null;
    }
    return switch (kind) {
      case ECHO -> RawPort.bytesValue(result);
      case ECHO_LENT, LOCAL_ECHO_LENT -> RawPort.bufferValue(result);
      case COUNTER -> RawPort.localValue(result);
      default -> RawPort.longValue(result);
    };
  }

  private long number;

  private void addOutcome(Object value, Throwable error) {
    Outcome outcome = outcome(value, error);
    run.history().add(What.SETTLED, id, outcome, number, run.isOnOwner());
    notified = true;
    run.callback();
  }

  private void settled(Object value, Throwable error) {
    addOutcome(value, error);
    if (unruly
        && adapter != Adapter.MONO) { // a Mono's subscriber would get the exception as an error
      throw new Outcome.Planned("an unruly callback");
    }
  }

  private Outcome outcome(Object value, Throwable error) {
    if (error != null) {
      return Outcome.of(error);
    }
    if (value instanceof byte[] bytes) {
      return Arrays.equals(bytes, CallKind.echoed(id))
          ? Outcome.value("bytes " + bytes.length)
          : new Outcome(Outcome.Kind.OTHER, "other bytes than were sent");
    } else if (value instanceof ByteBuf buffer) {
      boolean same = buffer.equals(lent);
      int length = buffer.readableBytes();
      buffer.release();
      return same
          ? Outcome.value("buffer " + length)
          : new Outcome(Outcome.Kind.OTHER, "other bytes than were lent");
    } else if (value instanceof NativeRef made) {
      run.made(made);
      return CallKind.SOME_VALUE;
    }
    if (kind.expected(id, script) == CallKind.SOME_VALUE && value instanceof Long found) {
      number = found;
      return CallKind.SOME_VALUE;
    }
    return Outcome.value(value);
  }

  // Its handler.

  JavaHandler<Long, Long> handler() {
    return JavaHandler.<Long, Long>answering(Long.class, Long.class, this::body).atOnce(3);
  }

  private Runnable body(Long asked, HandlerAnswer<Long> answer) {
    run.history().add(What.HANDLER_RAN, id, null, asked, run.isOnOwner());
    boolean first = kind == CallKind.ASK || kind == CallKind.ASK_NESTED || asked == 0;
    boolean plain = !first && kind != CallKind.LOCAL_ASK; // of several, the first plays the script
    switch (plain ? Script.NOW : script) {
      case NOW -> answer.value(asked + 1);
      case THROWS -> throw new Outcome.Planned(CallKind.text(id));
      case LATE -> run.answerLater(() -> answer.value(asked + 1));
      case LATE_ERROR ->
          run.answerLater(() -> answer.error(new Outcome.Planned(CallKind.text(id))));
      case CALL -> answer.call(Fn.ADD.call(run.runtime(), asked, 1L));
      case CANCELS -> {
        cancel();
        answer.value(asked + 1);
      }
      case NEVER -> {}
    }
    return () -> run.history().add(What.HANDLER_WITHDRAWN, id, null, asked, run.isOnOwner());
  }

  @Override
  public String toString() {
    return "call " + id + " (" + kind + (kind.asks() ? " " + script : "") + " as " + adapter + ")";
  }
}
