package dev.loopbridge.spi;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeObject;

/**
 * A class that stands for a {@link NativeObject} of one type, and has the functions that take it as
 * methods: a generated class, or one written by hand. It may be passed wherever its object may.
 *
 * <pre>{@code
 * final class Shop implements TypedObject {
 *   ...
 *   Shop(Orders orders, NativeObject object) { ... }
 *
 *   public NativeCall<Long> place(String customer) {
 *     return orders.place.call(object, customer);
 *   }
 *
 *   public NativeObject object() {
 *     return object;
 *   }
 * }
 *
 * NativeFunction<Shop> open =
 *     runtime.function("open", NativeObject.class, String.class).as(object -> new Shop(orders, object));
 * }</pre>
 *
 * <p>It holds its object and nothing else that has to be closed. The bridge closes one that is the
 * result of a call whose caller does not take it, such as after a cancel.
 *
 * @see NativeFunction#as
 */
public interface TypedObject extends AutoCloseable {

  /** The object that it stands for, the same each time. */
  NativeObject object();

  /** Closes the object. Any thread; only the first call does anything. */
  @Override
  default void close() {
    object().close();
  }
}
