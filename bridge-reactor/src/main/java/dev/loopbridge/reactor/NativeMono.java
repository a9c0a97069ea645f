package dev.loopbridge.reactor;

import dev.loopbridge.Blocking;
import dev.loopbridge.NativeCall;
import dev.loopbridge.OwnerLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/** A call as a Mono: each subscription is one start of it. */
final class NativeMono<R> extends Mono<R> implements Scannable {

  private final NativeCall<R> call;
  private final @Nullable OwnerLoop loop;

  private NativeMono(NativeCall<R> call, @Nullable OwnerLoop loop) {
    this.call = call;
    this.loop = loop;
  }

  /**
   * The Mono of a call, as Reactor's assembly hooks make it.
   *
   * @param loop the owner, or null for the one the subscriber is on
   */
  static <R> Mono<R> of(NativeCall<R> call, @Nullable OwnerLoop loop) {
    return onAssembly(new NativeMono<>(call, loop));
  }

  @Override
  public void subscribe(CoreSubscriber<? super R> actual) {
    if (Hooks.isAutomaticContextPropagationEnabled()) {
      // Reactor restores thread locals around the signals of a foreign source for its operators and
      // for plain Subscribers, but not for a CoreSubscriber that a user hands in here.
      new Unrestored<>(this).contextWrite(UnaryOperator.identity()).subscribe(actual);
    } else {
      open(actual);
    }
  }

  private void open(CoreSubscriber<? super R> actual) {
    OwnerLoop owner = loop != null ? loop : call.function().runtime().currentLoop();
    actual.onSubscribe(new NativeSubscription<>(call, owner, actual));
  }

  /** The source under the operator that restores thread locals. */
  private static final class Unrestored<R> extends Mono<R> {

    private final NativeMono<R> mono;

    Unrestored(NativeMono<R> mono) {
      this.mono = mono;
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
      mono.open(actual);
    }
  }

  // Reactor's own block subscribes before it looks at the thread, so the result would be lost.

  @Override
  public @Nullable R block() {
    refuseOnLoop("Mono.block()");
    return super.block();
  }

  @Override
  public @Nullable R block(Duration timeout) {
    refuseOnLoop("Mono.block(Duration)");
    return super.block(timeout);
  }

  @Override
  public Optional<R> blockOptional() {
    refuseOnLoop("Mono.blockOptional()");
    return super.blockOptional();
  }

  @Override
  public Optional<R> blockOptional(Duration timeout) {
    refuseOnLoop("Mono.blockOptional(Duration)");
    return super.blockOptional(timeout);
  }

  private void refuseOnLoop(String what) {
    SchedulerLoop current = LoopThread.current();
    Blocking.refuseOnLoop(what, current != null ? current : loop);
  }

  @Override
  @SuppressWarnings("rawtypes") // as Scannable declares it
  public @Nullable Object scanUnsafe(Attr key) {
    if (key == Attr.RUN_STYLE) {
      return Attr.RunStyle.ASYNC;
    }
    if (key == Attr.PREFETCH) {
      return 0;
    }
    return null;
  }

  @Override
  public String stepName() {
    return "native(" + call.function().name() + ")";
  }

  @Override
  public String toString() {
    return "NativeMono(" + call.function() + ")";
  }
}
