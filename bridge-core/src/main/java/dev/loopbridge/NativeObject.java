package dev.loopbridge;

import dev.loopbridge.spi.TypedObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * A Rust object that all loops of its runtime may use, such as a client, a pool or a database. It
 * is the result of a function that returns a {@code Shared}, and is passed to functions of that
 * runtime: from any thread, on any loop, in several calls at once. A {@link NativeRef} is an object
 * that lives on one loop.
 *
 * <p>Its user closes it, on any thread. Calls that were started before keep the object until they
 * have ended; then Rust drops it, on a thread of the runtime's and never on a loop. One that
 * becomes unreachable without having been closed is logged, with the place that made it, counted
 * ({@link RuntimeMetrics#forgottenObjects}) and closed. All of them go with their runtime.
 *
 * <pre>{@code
 * NativeFunction<NativeObject> open = runtime.function("open", NativeObject.class, String.class);
 * NativeFunction<Long> place = runtime.function("place", Long.class, NativeObject.class, String.class);
 *
 * try (NativeObject shop = open.call("orders.db").await()) {
 *   place.call(shop, "ann").toFuture(loop).thenAccept(id -> ...);
 * }
 * }</pre>
 *
 * <p>A call to which it is passed fails with {@link ClosedException} after its close, and with
 * {@link WrongRuntimeException} in another runtime. An object of another type than that which the
 * function takes is refused by {@link NativeFunction#call} with {@link SignatureMismatchException}.
 */
public final class NativeObject extends PassedObject implements AutoCloseable {

  private static final Logger LOG = System.getLogger(NativeObject.class.getName());

  final ObjectHold hold;

  private final Cleaner.Cleanable cleanable;

  private NativeObject(RuntimeSide runtime, ObjectHold hold) {
    this.hold = hold;
    this.cleanable = runtime.cleaner().register(this, () -> forgotten(runtime, hold));
  }

  private static void forgotten(RuntimeSide runtime, ObjectHold hold) {
    if (hold.tryClose()) {
      runtime.countForgotten();
      LOG.log(Level.WARNING, "never closed, and released now that it is unreachable: " + hold);
    }
  }

  /** Makes the object of a record that gives its ticket to Java. */
  static NativeObject of(PortState port, long ticket, String type, Signature maker) {
    return new NativeObject(
        port.runtime, new ObjectHold(port.config, port.runtime, ticket, type, maker.name));
  }

  /** The object that a value is or stands for; null if it is none. */
  static @Nullable NativeObject in(@Nullable Object value) {
    if (value instanceof NativeObject object) {
      return object;
    }
    return value instanceof TypedObject typed ? typed.object() : null;
  }

  /** The type of the object as signatures name it, such as {@code object<Shop>}. */
  public String type() {
    return hold.type;
  }

  /** Returns whether it was closed. Any thread. */
  public boolean isClosed() {
    return hold.isClosed();
  }

  /** Gives the object up. Any thread; only the first call does anything. It waits for nothing. */
  @Override
  public void close() {
    StackRoom.require();
    if (hold.tryClose()) {
      cleanable.clean(); // the cleaner's action finds it closed and does nothing
    }
  }

  @Override
  ObjectHold pin() {
    return hold.pin();
  }

  /** Does the cleaner's work for an unreachable object, for tests that cannot wait for it. */
  void unreachable() {
    cleanable.clean();
  }

  /** Names its type, its runtime, and the function and the place that made it. */
  @Override
  public String toString() {
    return "NativeObject(" + hold + ")";
  }
}
