package dev.loopbridge;

import dev.loopbridge.spi.DataReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user's record that stands for a tuple of Rust's: one component for each part. Immutable. Twin
 * of the crate's {@code tuple.rs}.
 */
final class RecordClass {

  private static final ClassValue<RecordClass> KNOWN =
      new ClassValue<>() {
        @Override
        protected RecordClass computeValue(Class<?> type) {
          return new RecordClass(type);
        }
      };

  private final Class<?>[] components;
  private final Constructor<?> constructor;

  private RecordClass(Class<?> type) {
    components =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      constructor = type.getDeclaredConstructor(components);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("a record has a constructor of its components", e);
    }
    if (!constructor.trySetAccessible()) {
      throw new IllegalArgumentException(
          type
              + " cannot be made by "
              + RecordClass.class.getModule()
              + ": make it public and its package exported, or open its package to that module");
    }
  }

  /**
   * The record class.
   *
   * @throws IllegalArgumentException if this module may not make its instances
   */
  static RecordClass of(Class<?> type) {
    return KNOWN.get(type);
  }

  /** The classes of its components, not to be written to. */
  Class<?>[] components() {
    return components;
  }

  /**
   * An instance of the parts that were written one behind the other; throws what the record's own
   * constructor throws.
   */
  Object read(List<ValueType> parts, byte[] content) {
    DataReader from = new DataReader(content, 0, content.length);
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = part(parts.get(i), components[i], from);
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InstantiationException | IllegalAccessException e) {
      throw new IllegalStateException(e); // its class was looked at before
    }
  }

  private static @Nullable Object part(ValueType type, Class<?> component, DataReader from) {
    if (type.optional && !from.bool()) {
      return null;
    }
    return switch (type.kind) {
      case STRING -> {
        from.u8(); // its form: it is inline
        yield from.string();
      }
      case BYTES -> {
        from.u8();
        yield bytes(from.bytes(), component);
      }
      default -> ValueReader.number(type.kind, from);
    };
  }

  private static Object bytes(byte[] bytes, Class<?> component) {
    if (component == byte[].class) {
      return bytes;
    }
    return component == ByteBuf.class
        ? Unpooled.wrappedBuffer(bytes)
        : BytesCodecs.decoded(bytes, component);
  }
}
