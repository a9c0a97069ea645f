package dev.loopbridge.vertx;

import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;

/** A runtime and a Vert.x for each test; both are closed after it, and nothing may be left. */
abstract class BridgeTest {

  final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library()).workerThreads(2).maxInFlight(16_384).build();
  final Vertx vertx = Verticles.vertx();

  final NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
  final NativeFunction<Long> yieldTimes = runtime.function("yieldTimes", Long.class, long.class);
  final NativeCall<Void> never = runtime.function("never", Void.class).call();

  @AfterEach
  final void leavesNothing() {
    Verticles.settled(vertx.close());
    Builtin.closeAndAwaitNothingLeft(runtime);
  }
}
