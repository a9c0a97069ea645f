package dev.loopbridge.reactor;

import dev.loopbridge.RaceGround;
import dev.loopbridge.kit.Fn;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** Races of calls that are Monos: signals, requests and a subscriber's cancel meet. */
public final class MonoRaces {

  private MonoRaces() {}

  /** A subscriber that counts its signals. It requests nothing by itself. */
  private static final class Signals implements CoreSubscriber<Long> {

    private final AtomicInteger values = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger discarded = new AtomicInteger();
    private final Context context =
        reactor.core.publisher.Operators.enableOnDiscard(
            Context.empty(), value -> discarded.incrementAndGet());

    private volatile Subscription subscription;

    @Override
    public Context currentContext() {
      return context;
    }

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
    }

    @Override
    public void onNext(Long value) {
      values.incrementAndGet();
    }

    @Override
    public void onError(Throwable error) {
      ends.addAndGet(100);
    }

    @Override
    public void onComplete() {
      ends.incrementAndGet();
    }

    boolean awaitEnd() {
      return RaceGround.await(() -> ends.get() > 0);
    }

    @Override
    public String toString() {
      return values + "-" + ends + "-" + discarded;
    }
  }

  /** The value meets a cancel. The race has the subscription alone; an actor passes the value. */
  @JCStressTest
  @Outcome(id = "1-1-0", expect = Expect.ACCEPTABLE, desc = "signalled")
  @Outcome(id = "0-0-1", expect = Expect.ACCEPTABLE, desc = "cancelled: the value is discarded")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the value is neither signalled nor discarded, or both, or has no end")
  @State
  public static class ValueOrCancel {

    private final Signals signals = new Signals();
    private final NativeSubscription<Long> subscription =
        new NativeSubscription<>(RaceGround.ADD, RaceGround.LOOP, signals);

    @Actor
    public void value() {
      subscription.value(42L);
    }

    @Actor
    public void cancel() {
      subscription.cancel();
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 = signals.toString();
    }
  }

  /** A cancel meets the request that starts the call. */
  @JCStressTest
  @Outcome(id = "0-0-0", expect = Expect.ACCEPTABLE, desc = "cancelled before it had a value")
  @Outcome(id = "1-1-0", expect = Expect.ACCEPTABLE, desc = "signalled first")
  @Outcome(id = "0-0-1", expect = Expect.ACCEPTABLE, desc = "cancelled, its value discarded")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the request puts its handle over the cancel: the call runs on and never ends")
  @State
  public static class RequestOrCancel {

    private final Signals signals = new Signals();
    private final NativeSubscription<Long> subscription =
        new NativeSubscription<>(NEVER_OR_ADD.next(), RaceGround.LOOP, signals);

    @Actor
    public void request() {
      subscription.request(1);
    }

    @Actor
    public void cancel() {
      subscription.cancel();
    }

    @Arbiter
    public void look(L_Result r) {
      // A call that was not cancelled natively never ends: left() reports it.
      r.r1 = signals + RaceGround.left();
    }
  }

  /** Returns by turns a call that ends by itself and a call that only a cancel ends. */
  private static final class NeverOrAdd {

    private final dev.loopbridge.NativeCall<Long> hangs =
        Fn.YIELD_TIMES.call(RaceGround.RUNTIME, Long.MAX_VALUE);
    private final AtomicInteger calls = new AtomicInteger();

    dev.loopbridge.NativeCall<Long> next() {
      return calls.incrementAndGet() % 2 == 0 ? RaceGround.ADD : hangs;
    }
  }

  private static final NeverOrAdd NEVER_OR_ADD = new NeverOrAdd();

  /** Two threads request from one subscription. */
  @JCStressTest
  @Outcome(id = "1-1-0", expect = Expect.ACCEPTABLE, desc = "started once")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "both see that nothing was started: two calls, two values")
  @State
  public static class RequestOrRequest {

    private final Signals signals = new Signals();
    private final NativeSubscription<Long> subscription =
        new NativeSubscription<>(RaceGround.ADD, RaceGround.LOOP, signals);

    @Actor
    public void one() {
      subscription.request(1);
    }

    @Actor
    public void other() {
      subscription.request(1);
    }

    @Arbiter
    public void look(L_Result r) {
      signals.awaitEnd();
      r.r1 = signals + RaceGround.left();
    }
  }

  /** Two subscribers subscribe to one Mono, and one of them cancels. */
  @JCStressTest
  @Outcome(
      id = {"1-1-0, 0-0-0", "1-1-0, 0-0-1", "1-1-0, 1-1-0"},
      expect = Expect.ACCEPTABLE,
      desc = "the one has its value, whatever the other has")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a cancel ends another subscriber's call")
  @State
  public static class TwoSubscribers {

    private static final Mono<Long> MONO = RaceGround.ADD.as(ReactorBridge.mono(RaceGround.LOOP));

    private final Signals one = new Signals();
    private final Signals other = new Signals();

    @Actor
    public void subscribe() {
      MONO.subscribe(one);
      one.subscription.request(1);
    }

    @Actor
    public void subscribeAndCancel() {
      MONO.subscribe(other);
      other.subscription.request(1);
      RaceGround.hesitate();
      other.subscription.cancel();
    }

    @Arbiter
    public void look(LL_Result r) {
      one.awaitEnd();
      r.r1 = one.toString();
      r.r2 = other + RaceGround.left();
    }
  }
}
