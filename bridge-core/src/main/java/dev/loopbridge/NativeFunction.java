package dev.loopbridge;

import dev.loopbridge.spi.DataCodec;
import dev.loopbridge.spi.TypedObject;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One function of a library, bound to a runtime. Immutable; safe on any thread.
 *
 * <pre>{@code
 * NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
 * CompletionStage<Long> sum = add.call(1L, 2L).toFuture();
 * }</pre>
 *
 * @param <R> the result
 */
public final class NativeFunction<R> {

  final NativeRuntime runtime;
  final Signature signature;
  private final Class<?> resultClass;

  /** Makes the class that stands for the object which the function returns; null if none does. */
  private final @Nullable Function<NativeObject, R> typed;

  // Of generated classes: the codecs of what is data, null of what is none.
  private final @Nullable DataCodec<R> resultCodec;
  private final @Nullable DataCodec<?> @Nullable [] argumentCodecs;

  NativeFunction(NativeRuntime runtime, Signature signature, Class<R> resultClass) {
    this(runtime, signature, resultClass, null, null);
  }

  NativeFunction(
      NativeRuntime runtime,
      Signature signature,
      Class<? super R> resultClass,
      @Nullable DataCodec<R> resultCodec,
      @Nullable DataCodec<?> @Nullable [] argumentCodecs) {
    this(runtime, signature, resultClass, null, resultCodec, argumentCodecs);
  }

  private NativeFunction(
      NativeRuntime runtime,
      Signature signature,
      Class<?> resultClass,
      @Nullable Function<NativeObject, R> typed,
      @Nullable DataCodec<R> resultCodec,
      @Nullable DataCodec<?> @Nullable [] argumentCodecs) {
    this.runtime = runtime;
    this.signature = signature;
    this.resultClass = resultClass;
    this.typed = typed;
    this.resultCodec = resultCodec;
    this.argumentCodecs = argumentCodecs;
  }

  /** The name it is registered by in Rust. */
  public String name() {
    return signature.name;
  }

  /** The runtime in which its calls run. */
  public NativeRuntime runtime() {
    return runtime;
  }

  /**
   * Describes a call; nothing runs until it is started.
   *
   * <p>Arguments that are {@link io.netty.buffer.ByteBuf}s stay the caller's: each start retains
   * them until Rust has freed their memory, which must not be written to in the meantime. Keep a
   * reference until the call was started; after that release it whenever you like. What is sent are
   * the readable bytes at the time of the start.
   *
   * <p>A number may be of a smaller class, such as an {@code Integer} for an {@code i64}, where
   * each of that class can be widened without loss.
   *
   * @throws SignatureMismatchException if number or types of the arguments are not those of the
   *     function, or a null is given for what is no {@code Option}
   * @throws DataException if the function takes data, and its type cannot hold what is given
   */
  public NativeCall<R> call(@Nullable Object @Nullable ... arguments) {
    @Nullable Object[] given =
        arguments == null ? new @Nullable Object[] {null} : arguments.clone();
    if (argumentCodecs != null) {
      DataArguments.encode(signature, argumentCodecs, given);
    }
    JavaTypes.convert(signature, given);
    return new NativeCall<>(this, given);
  }

  /**
   * This function, with a class of one's own for the object that it returns.
   *
   * @param typed makes that class; called on the owner loop, once for each result that is not null
   * @throws SignatureMismatchException if the function returns no {@link NativeObject}
   */
  public <T extends TypedObject> NativeFunction<T> as(Function<NativeObject, T> typed) {
    Objects.requireNonNull(typed, "a function is needed that makes the class of the object");
    if (signature.result.kind != ValueType.Kind.OBJECT) {
      throw new SignatureMismatchException(
          signature.name + " returns no object that a class could stand for: " + signature);
    }
    return new NativeFunction<>(
        runtime, signature, NativeObject.class, typed, null, argumentCodecs);
  }

  @SuppressWarnings(
      "unchecked") // the class was checked against the signature when the function was looked up
  @Nullable R value(NativeResult result) {
    if (resultCodec != null) {
      return ValueReader.data(result, resultCodec);
    }
    Object value = ValueReader.value(result, resultClass);
    return typed == null || value == null ? (R) value : typed((NativeObject) value, typed);
  }

  private static <T> T typed(NativeObject object, Function<NativeObject, T> typed) {
    try {
      return typed.apply(object);
    } catch (Throwable e) {
      object.close(); // the caller gets the error, and nothing to close
      throw e;
    }
  }

  /** The library's description of it, such as {@code async add(i64,i64)->i64}. */
  @Override
  public String toString() {
    return signature.toString();
  }
}
