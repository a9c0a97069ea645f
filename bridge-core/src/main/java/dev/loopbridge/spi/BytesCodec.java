package dev.loopbridge.spi;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeRuntime;
import io.netty.buffer.ByteBuf;

/**
 * Makes another library's class of byte sequences one that stands for Rust's bytes, as {@code
 * byte[]} and {@link ByteBuf} do: in the classes given to {@link NativeRuntime#function}, as an
 * argument of a call, and as argument and answer of a {@link JavaHandler}. It is found by the
 * {@link java.util.ServiceLoader}, once, when the first function is looked up; bridge-vertx has one
 * for Vert.x's {@code Buffer}.
 *
 * <p>Its methods are called on any thread, several at once, and must neither block nor throw.
 *
 * @param <T> the class
 */
public interface BytesCodec<T> {

  /** The class: the same each time, and neither {@code byte[]} nor {@link ByteBuf}. */
  Class<T> type();

  /**
   * The bytes of an argument or answer, without copying where that can be. The value must stay as
   * it is until the call has settled; the returned buffer is not released.
   */
  ByteBuf bytesOf(T value);

  /**
   * A result or a handler's argument.
   *
   * @param bytes its content, which the value may keep; no other code has the array
   */
  T valueOf(byte[] bytes);
}
