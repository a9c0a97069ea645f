package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.reactor.ReactorBridge;
import dev.loopbridge.vertx.VertxBridge;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import reactor.core.publisher.Mono;

/** Measures loop-driven futures that are ready at their first poll, started on their loop. */
final class LocalReady {

  static final String JAVA = "Java method of an interface";

  private static final long SUM = 3000;

  /** So many tasks that a call by their interface is not inlined; they take turns by the batch. */
  private static final LongBinaryOperator[] ADDERS = {
    (a, b) -> a + b, (a, b) -> b + a, (a, b) -> a - -b, (a, b) -> b - -a
  };

  private LocalReady() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      return List.of(
          harness.compare(
              "local-ready",
              "Loop-driven, ready at first poll, on its loop",
              Targets.CROSSING,
              List.of(
                  raw(RoundTrips.RAW, ground, SUM, add(ground)),
                  stage(RoundTrips.STAGE, ground, SUM, add(ground)),
                  mono(RoundTrips.MONO, ground, SUM, add(ground)),
                  vertx(ground),
                  crossing(ground),
                  java(ground))));
    }
  }

  private static NativeCall<Long> add(Ground ground) {
    return Fn.LOCAL_ADD.call(ground.runtime, 1000L, 2000L);
  }

  /** A loop-driven call that is ready at its first poll. */
  static Arm raw(String name, Ground ground, long each, NativeCall<Long> call) {
    RawPort port = RawPort.of(ground.runtime, ground.owner);
    Repeated.Sum sum = new Repeated.Sum();
    return new Repeated(
        name,
        ground.loop,
        each,
        times -> {
          for (int i = 0; i < times; i++) {
            port.start(call, sum);
          }
          return sum.take();
        });
  }

  static Arm stage(String name, Ground ground, long each, NativeCall<Long> call) {
    Repeated.Sum sum = new Repeated.Sum();
    return new Repeated(
        name,
        ground.loop,
        each,
        times -> {
          for (int i = 0; i < times; i++) {
            call.toFuture(ground.owner).whenComplete(sum.completed);
          }
          return sum.take();
        });
  }

  static Arm mono(String name, Ground ground, long each, NativeCall<Long> call) {
    Mono<Long> mono = call.as(ReactorBridge.mono(ground.owner));
    Repeated.Sum sum = new Repeated.Sum();
    return new Repeated(
        name,
        ground.loop,
        each,
        times -> {
          for (int i = 0; i < times; i++) {
            mono.subscribe(sum);
          }
          return sum.take();
        });
  }

  private static Arm vertx(Ground ground) {
    NativeCall<Long> call = add(ground);
    Repeated.Sum sum = new Repeated.Sum();
    return new Repeated(
        RoundTrips.VERTX,
        ground.loop,
        SUM,
        times -> {
          for (int i = 0; i < times; i++) {
            call.as(VertxBridge.<Long>future(ground.context)).onComplete(sum);
          }
          return sum.take();
        });
  }

  private static Arm crossing(Ground ground) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    return new Repeated(
        Targets.CROSSING,
        ground.loop,
        SUM,
        times -> {
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += HandWritten.address(buffer) == 0 ? 0 : SUM;
          }
          return sum;
        });
  }

  private static Arm java(Ground ground) {
    int[] turn = {0};
    return new Repeated(
        JAVA,
        ground.loop,
        SUM,
        times -> {
          LongBinaryOperator adder = ADDERS[turn[0]++ % ADDERS.length];
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += adder.applyAsLong(1000, 2000);
          }
          return sum;
        });
  }
}
