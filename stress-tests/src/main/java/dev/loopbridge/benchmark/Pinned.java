package dev.loopbridge.benchmark;

import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRef;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures the use of objects that are pinned to a loop, on that loop: Java uses its own objects,
 * Java uses Rust's objects by a crossing, and Rust uses its own objects.
 */
final class Pinned {

  static final String FIELD = "Java field read and thread check";
  static final String LOOP_REF = "bridge LoopRef.get()";
  static final String NATIVE_REF = "bridge NativeRef, a crossing with it";
  static final String LOCAL = "native Local";

  private static final int OBJECTS = 64;

  private Pinned() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground();
        NativeRef object = Fn.OBJECT.call(ground.runtime).toFuture(ground.owner).join()) {
      return List.of(
          harness.compare(
              "pinned",
              "A pinned object, touched on its loop",
              FIELD,
              List.of(
                  field(ground),
                  loopRef(ground),
                  inside(LOCAL, ground, visit(ground, object)),
                  LocalReady.raw(NATIVE_REF, ground, 1, visit(ground, object).of(1)))));
    }
  }

  /** The pinned object. */
  private static final class Counted {
    final int one = 1;
  }

  /** An arm with the usual code without a bridge. */
  private record Checked(EventLoop loop, Counted object) {

    Counted get() {
      if (!loop.inEventLoop()) {
        throw new IllegalStateException("used off its loop");
      }
      return object;
    }
  }

  private static Arm field(Ground ground) {
    Checked[] objects = new Checked[OBJECTS];
    for (int i = 0; i < OBJECTS; i++) {
      objects[i] = new Checked(ground.loop, new Counted());
    }
    return new Repeated(
        FIELD,
        ground.loop,
        1,
        times -> {
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += objects[i % OBJECTS].get().one;
          }
          return sum;
        });
  }

  private static Arm loopRef(Ground ground) {
    LoopRef<?>[] objects = new LoopRef<?>[OBJECTS];
    for (int i = 0; i < OBJECTS; i++) {
      objects[i] = LoopRef.of(ground.owner, new Counted());
    }
    return new Repeated(
        LOOP_REF,
        ground.loop,
        1,
        times -> {
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += ((Counted) objects[i % OBJECTS].get()).one;
          }
          return sum;
        });
  }

  /** An arm whose loop-driven call touches the object so many times. */
  private interface Visit {
    NativeCall<Long> of(long times);
  }

  private static Visit visit(Ground ground, NativeRef object) {
    return times -> Fn.VISIT.call(ground.runtime, object, times);
  }

  /** An arm with one crossing for all touches that are measured together. */
  private static Arm inside(String name, Ground ground, Visit visit) {
    RawPort port = RawPort.of(ground.runtime, ground.owner);
    Repeated.Sum sum = new Repeated.Sum();
    return new Repeated(
        name,
        ground.loop,
        1,
        times -> {
          port.start(visit.of(times), sum);
          return sum.take();
        });
  }
}
