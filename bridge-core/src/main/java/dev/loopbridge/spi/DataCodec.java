package dev.loopbridge.spi;

import dev.loopbridge.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the values of one type that crosses the boundary encoded: a record, an enum, a
 * list, a map. The generated classes have one for each; {@link DataCodecs} has those that all
 * libraries share. Immutable; any thread, several at once.
 *
 * <p>The encoding is little endian and positional: the fields of a record one behind the other, in
 * their order, without tags. {@link DataWriter} and {@link DataReader} have its parts. Values are
 * never null, except those of a {@linkplain DataCodecs#nullable nullable} codec.
 *
 * @param <T> the Java class
 */
public interface DataCodec<T extends @Nullable Object> {

  /**
   * Appends a value.
   *
   * @throws DataException if the type cannot hold it
   */
  void write(T value, DataWriter to);

  /**
   * Reads a value.
   *
   * @throws DataException if the bytes are none
   */
  T read(DataReader from);

  /**
   * The bytes of a value.
   *
   * @throws DataException if the type cannot hold it
   */
  default byte[] encoded(T value) {
    DataWriter to = new DataWriter();
    write(value, to);
    return to.toBytes();
  }

  /** The fewest bytes of a value; 0 of a record without fields alone. */
  default int leastBytes() {
    return 1;
  }
}
