package dev.loopbridge.vertx;

import dev.loopbridge.RaceGround;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LZ_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/** Races of calls that are Vert.x futures, each on its own context; all share one event loop. */
public final class FutureRaces {

  private static final VertxInternal VERTX =
      (VertxInternal)
          Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true));

  private FutureRaces() {}

  private static CancellableFuture<Long> start(ContextInternal context) {
    return RaceGround.ADD.as(VertxBridge.cancellable(context));
  }

  private static String outcome(Future<?> future) {
    if (!RaceGround.await(future::isComplete)) {
      return "nothing";
    }
    return future.succeeded()
        ? String.valueOf((Object) future.result())
        : future.cause().getClass().getSimpleName();
  }

  /** A cancel meets the outcome. */
  @JCStressTest
  @Outcome(id = "42, false", expect = Expect.ACCEPTABLE, desc = "settled, then cancelled")
  @Outcome(id = "CancellationException, true", expect = Expect.ACCEPTABLE, desc = "cancelled")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the future has another end than the cancel returned")
  @State
  public static class CompleteOrCancel {

    private final ContextInternal context = VERTX.createEventLoopContext();

    private volatile CancellableFuture<Long> started;

    @Actor
    public void start() {
      started = FutureRaces.start(context);
    }

    @Actor
    public void cancel(LZ_Result r) {
      RaceGround.await(() -> started != null);
      RaceGround.hesitate();
      r.r2 = started.cancel();
    }

    @Arbiter
    public void look(LZ_Result r) {
      r.r1 = outcome(started.future()) + RaceGround.left();
    }
  }

  /** Two threads cancel one call. */
  @JCStressTest
  @Outcome(id = "false, false, 42", expect = Expect.ACCEPTABLE, desc = "its outcome was first")
  @Outcome(
      id = {"true, false, CancellationException", "false, true, CancellationException"},
      expect = Expect.ACCEPTABLE,
      desc = "one of them ended it")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both cancels return that they ended the call")
  @State
  public static class CancelOrCancel {

    private final ContextInternal context = VERTX.createEventLoopContext();

    private volatile CancellableFuture<Long> started;

    @Actor
    public void start(ZZL_Result r) {
      started = FutureRaces.start(context);
      RaceGround.hesitate();
      r.r1 = started.cancel();
    }

    @Actor
    public void cancel(ZZL_Result r) {
      RaceGround.await(() -> started != null);
      RaceGround.hesitate();
      r.r2 = started.cancel();
    }

    @Arbiter
    public void look(ZZL_Result r) {
      r.r3 = outcome(started.future()) + RaceGround.left();
    }
  }

  /** A call is started as its context closes. */
  @JCStressTest
  @Outcome(id = "42", expect = Expect.ACCEPTABLE, desc = "it settled before the close")
  @Outcome(id = "CancellationException", expect = Expect.ACCEPTABLE, desc = "the close ended it")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "the close lists the calls before this one, which looked before the close: it never ends")
  @State
  public static class StartOrContextClose {

    private final ContextInternal context = VERTX.createEventLoopContext();
    private final ContextCalls calls = ContextCalls.of(context);

    private CancellableFuture<Long> started;

    @Actor
    public void start() {
      started = FutureRaces.start(context);
    }

    @Actor
    public void close() {
      calls.close(Promise.promise());
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 = outcome(started.future()) + RaceGround.left();
      context.closeFuture().remove(calls); // as its own close would have
    }
  }

  /** A cancel meets the close of the context. */
  @JCStressTest
  @Outcome(id = "42, false", expect = Expect.ACCEPTABLE, desc = "it settled before both")
  @Outcome(
      id = {"CancellationException, true", "CancellationException, false"},
      expect = Expect.ACCEPTABLE,
      desc = "ended by the cancel, or by the close")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "one overtakes the other: the call has no end, or is listed still")
  @State
  public static class CancelOrContextClose {

    private final ContextInternal context = VERTX.createEventLoopContext();
    private final ContextCalls calls = ContextCalls.of(context);

    private volatile CancellableFuture<Long> started;

    @Actor
    public void cancel(LZ_Result r) {
      started = FutureRaces.start(context);
      RaceGround.hesitate();
      r.r2 = started.cancel();
    }

    @Actor
    public void close() {
      RaceGround.await(() -> started != null);
      RaceGround.hesitate();
      calls.close(Promise.promise());
    }

    @Arbiter
    public void look(LZ_Result r) {
      r.r1 = outcome(started.future()) + RaceGround.left();
      context.closeFuture().remove(calls);
    }
  }
}
