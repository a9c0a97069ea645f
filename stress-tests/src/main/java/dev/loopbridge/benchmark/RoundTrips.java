package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.reactor.ReactorBridge;
import dev.loopbridge.vertx.VertxBridge;
import io.netty.channel.EventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Measures every way from a loop to another thread and back to the loop. */
final class RoundTrips {

  static final String RAW = "bridge raw";
  static final String STAGE = "bridge CompletionStage";
  static final String MONO = "bridge Mono";
  static final String VERTX = "bridge Vert.x Future";
  static final String FUTURE = "CompletableFuture on a ForkJoinPool";
  static final String EXECUTE = "execute there and back";
  static final String BLOCKING = "Vert.x executeBlocking";
  static final String REACTOR = "Reactor subscribeOn/publishOn";
  static final String VIRTUAL = "virtual thread";
  static final String NAIVE = "hand-written JNI";
  static final String BATCHED = "hand-written JNI, batched upcalls";
  static final String BY_NAME = "hand-written JNI by name";

  private final Ground ground;
  private final EventLoop loop;
  private final OwnerLoop owner;

  RoundTrips(Ground ground) {
    this(ground, ground.loop, ground.owner);
  }

  /** Makes the arms of another loop than the ground's, without Vert.x. */
  RoundTrips(Ground ground, EventLoop loop) {
    this(ground, loop, NettyLoop.of(loop));
  }

  private RoundTrips(Ground ground, EventLoop loop, OwnerLoop owner) {
    this.ground = ground;
    this.loop = loop;
    this.owner = owner;
  }

  /** Returns the bridge's four ways to run {@code call}. */
  <R> List<Arm> bridge(int inFlight, NativeCall<R> call) {
    return List.of(
        raw(inFlight, call),
        stage(STAGE, inFlight, call),
        mono(MONO, inFlight, call),
        vertx(inFlight, call));
  }

  Arm raw(int inFlight, NativeCall<?> call) {
    return raw(RAW, inFlight, call);
  }

  Pump raw(String name, int inFlight, NativeCall<?> call) {
    RawPort port = RawPort.of(call.function().runtime(), owner);
    return pump(name, inFlight, of(call), pump -> port.start(call, pump.settled));
  }

  <R> Arm stage(String name, int inFlight, NativeCall<R> call) {
    return pump(
        name, inFlight, of(call), pump -> call.toFuture(owner).whenComplete(pump.completed));
  }

  <R> Arm mono(String name, int inFlight, NativeCall<R> call) {
    Mono<R> mono = call.as(ReactorBridge.mono(owner));
    return pump(name, inFlight, of(call), pump -> mono.subscribe(pump.subscriber));
  }

  <R> Arm vertx(int inFlight, NativeCall<R> call) {
    return pump(
        VERTX,
        inFlight,
        of(call),
        pump -> call.as(VertxBridge.<R>future(ground.context)).onComplete(pump.onComplete));
  }

  /** Returns the arms that do {@code work} in Java alone. */
  List<Arm> java(int inFlight, Callable<?> work) {
    List<Arm> arms = new ArrayList<>();
    arms.add(future(inFlight, work));
    arms.add(
        pump(
            EXECUTE,
            inFlight,
            none(),
            pump ->
                ground.pool.execute(
                    () -> {
                      call(work);
                      loop.execute(pump.done);
                    })));
    arms.add(
        pump(
            BLOCKING,
            inFlight,
            none(),
            pump -> ground.context.executeBlocking(work, false).onComplete(pump.onComplete)));
    arms.add(reactor(inFlight, work));
    Executor virtual = virtualThreads();
    if (virtual != null) {
      arms.add(
          pump(
              VIRTUAL,
              inFlight,
              none(),
              pump ->
                  virtual.execute(
                      () -> {
                        call(work);
                        loop.execute(pump.done);
                      })));
    }
    return arms;
  }

  Pump future(int inFlight, Callable<?> work) {
    Supplier<Object> supplier = () -> call(work);
    return pump(
        FUTURE,
        inFlight,
        none(),
        pump ->
            CompletableFuture.supplyAsync(supplier, ground.pool)
                .whenCompleteAsync(pump.completed, loop));
  }

  private Arm reactor(int inFlight, Callable<?> work) {
    Scheduler workers = Schedulers.fromExecutor(ground.pool);
    Scheduler back = Schedulers.fromExecutor(loop);
    Mono<?> mono = Mono.fromCallable(work).subscribeOn(workers).publishOn(back);
    return pump(REACTOR, inFlight, none(), pump -> mono.subscribe(pump.subscriber));
  }

  Arm naive(String name, int inFlight, Supplier<CompletableFuture<Object>> call) {
    LongAdder calls = new LongAdder();
    return pump(
        name,
        inFlight,
        // By construction each call takes a downcall, an upcall and a loop task.
        () -> new Crossings(calls.sum(), calls.sum(), calls.sum()),
        pump -> {
          calls.increment();
          call.get().whenCompleteAsync(pump.completed, loop);
        });
  }

  /** Returns the arm whose futures are completed on the loop already. */
  Arm batched(int inFlight, BatchedCall call) {
    Batched batched = new Batched(loop);
    return pump(BATCHED, inFlight, none(), pump -> call.by(batched).whenComplete(pump.completed));
  }

  interface BatchedCall {
    CompletableFuture<Object> by(Batched batched);
  }

  /** The work of a callable that throws nothing. */
  static Object call(Callable<?> work) {
    try {
      return work.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Pump pump(String name, int inFlight, Pump.CrossingCount crossings, Pump.Start start) {
    return new Pump(name, loop, inFlight, crossings, start);
  }

  private static Pump.CrossingCount of(NativeCall<?> call) {
    return () -> Crossings.of(call.function().runtime().metrics());
  }

  private static Pump.CrossingCount none() {
    return () -> Crossings.NONE;
  }

  /** Returns an executor with a virtual thread for each task; null before JDK 21. */
  static ExecutorService virtualThreads() {
    try {
      return (ExecutorService)
          MethodHandles.lookup()
              .findStatic(
                  java.util.concurrent.Executors.class,
                  "newVirtualThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class))
              .invoke();
    } catch (Throwable e) {
      return null;
    }
  }
}
