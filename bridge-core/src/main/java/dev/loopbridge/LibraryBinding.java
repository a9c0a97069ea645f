package dev.loopbridge;

import dev.loopbridge.spi.DataCodec;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the functions that generated classes call, and compares each with the library: its own
 * line, and the types that it takes and returns. Generated classes alone use it. Any thread.
 *
 * <pre>{@code
 * LibraryBinding binding = LibraryBinding.of(runtime, "record Item{sku:string,quantity:u32}");
 * NativeFunction<Void> put = binding.function("async put({#Item})->unit", Void.class, ITEM);
 * }</pre>
 */
public final class LibraryBinding {

  private final NativeRuntime runtime;
  private final NativeLibrary library;
  private final LibraryItems items;

  private LibraryBinding(NativeRuntime runtime, String... items) {
    this.runtime = runtime;
    this.library = runtime.library();
    this.items = new LibraryItems(List.of(items));
  }

  /**
   * Makes that of a runtime.
   *
   * @param items the types of the classes, one line each, such as {@code record Item{sku:string}}
   */
  public static LibraryBinding of(NativeRuntime runtime, String... items) {
    return new LibraryBinding(runtime, items);
  }

  /**
   * Looks a function up whose result is no data.
   *
   * @param line the function as the classes know it
   * @param result the class of the result
   * @param data the codecs of those arguments that are data, in their order
   * @throws UnknownFunctionException if the library has no such function
   * @throws SignatureMismatchException if the function or a type is another in the library
   */
  public <R> NativeFunction<R> function(
      String line, Class<? super R> result, DataCodec<?>... data) {
    Signature signature = find(line);
    if (!JavaTypes.fits(signature.result, result)) {
      throw new IllegalArgumentException(result + " does not stand for the result of " + signature);
    }
    return new NativeFunction<>(runtime, signature, result, null, codecs(signature, data));
  }

  /** {@link #function(String, Class, DataCodec...)} with a result that is data. */
  @SuppressWarnings("unchecked") // the class is not asked for where there is a codec
  public <R> NativeFunction<R> function(String line, DataCodec<R> result, DataCodec<?>... data) {
    Signature signature = find(line);
    if (signature.result.kind != ValueType.Kind.DATA) {
      throw new IllegalArgumentException("the result of " + signature + " has no codec");
    }
    Class<R> any = (Class<R>) Object.class;
    return new NativeFunction<>(runtime, signature, any, result, codecs(signature, data));
  }

  private Signature find(String line) {
    Signature expected = Signature.parse(-1, line);
    Signature found = library.signature(expected.name);
    if (!found.toString().equals(line)) {
      throw mismatch(
          expected.name,
          "it is " + found + " in library '" + library.name() + "', " + line + " in the classes");
    }
    String difference = items.difference(line, library.items(), library.name());
    if (difference != null) {
      throw mismatch(expected.name, difference);
    }
    return found;
  }

  private static SignatureMismatchException mismatch(String function, String difference) {
    return new SignatureMismatchException(
        function
            + ": "
            + difference
            + "; one of them is from an older build: generate the classes from this library, as"
            + " 'mvn compile' does");
  }

  /** The codec of each argument, null of one that is no data; null if none is. */
  private static @Nullable DataCodec<?> @Nullable [] codecs(
      Signature signature, DataCodec<?>... data) {
    @Nullable DataCodec<?>[] codecs =
        Arrays.copyOf(new DataCodec<?>[0], signature.arguments.size());
    int next = 0;
    for (int i = 0; i < codecs.length; i++) {
      if (signature.arguments.get(i).kind == ValueType.Kind.DATA && next++ < data.length) {
        codecs[i] = data[next - 1];
      }
    }
    if (next != data.length) {
      throw new IllegalArgumentException(
          signature
              + " takes "
              + next
              + " arguments of data, "
              + data.length
              + " codecs are given");
    }
    return next == 0 ? null : codecs;
  }
}
