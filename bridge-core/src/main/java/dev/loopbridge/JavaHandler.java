package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import dev.loopbridge.spi.HandlerBody;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A Java function for Rust to await: pass it as an argument where the Rust function takes a {@code
 * JavaFn<A, R>}. Immutable; one handler may be passed to any number of calls.
 *
 * <p>Its body runs on the owner loop of the call it was passed to, and nowhere else. Rust may keep
 * it after that call has ended and invoke it from any thread; the loop holds it until Rust has
 * dropped it. When Rust gives an invocation up, the loop cancels the work that the body has
 * started, within one turn.
 *
 * <p>A handler that takes several arguments takes a record of them, which is a tuple in Rust:
 * {@code JavaFn<(i64, String), bool>} is given as
 *
 * <pre>{@code
 * record Login(long user, String from) {}
 *
 * JavaHandler<Login, Boolean> allowed =
 *     JavaHandler.of(Login.class, Boolean.class, login -> check(login.user(), login.from()));
 * }</pre>
 *
 * <p>In a named module the record must be public in an exported package, or its package open to
 * this module.
 *
 * <p>What the body throws, or its future fails with, is a {@code JavaError} in Rust. Returned from
 * the Rust function to the same loop, it arrives there as the same object, if there was room to
 * keep it: it takes a place among those of handlers and objects until Rust has dropped it.
 *
 * <pre>{@code
 * JavaHandler<Long, String> nameOf = JavaHandler.of(Long.class, String.class, names::get);
 * NativeFunction<String> greet =
 *     runtime.function("greet", String.class, long.class, JavaHandler.class);
 * CompletionStage<String> greeting = greet.call(42L, nameOf).toFuture();
 * }</pre>
 *
 * @param <A> the argument
 * @param <R> the answer
 */
public final class JavaHandler<A, R> extends Passed {

  private static final int AT_ONCE = 4;
  private static final int MOST_AT_ONCE = 1 << 16;

  final Class<A> argumentClass;
  final Class<R> answerClass;
  private final int atOnce;
  private final HandlerBody<? super A, R> body;

  private JavaHandler(
      Class<A> argumentClass, Class<R> answerClass, int atOnce, HandlerBody<? super A, R> body) {
    this.argumentClass = Objects.requireNonNull(argumentClass, "argument class");
    this.answerClass = Objects.requireNonNull(answerClass, "answer class");
    this.atOnce = atOnce;
    this.body = Objects.requireNonNull(body, "body");
  }

  /**
   * A handler that has its answer when the body returns.
   *
   * @param argument the class that stands for the Rust argument, as in {@link
   *     NativeRuntime#function}
   * @param answer the class that stands for the Rust answer, or that of a smaller number; {@code
   *     Void.class} for {@code ()}
   */
  public static <A, R> JavaHandler<A, R> of(
      Class<A> argument, Class<R> answer, Function<? super A, ? extends @Nullable R> body) {
    Objects.requireNonNull(body, "body");
    return answering(
        argument,
        answer,
        (given, to) -> {
          to.value(body.apply(given));
          return null;
        });
  }

  /**
   * A handler whose body returns a stage. Giving the invocation up cancels that stage, by its
   * {@code toCompletableFuture}: of a chain the last, and of a stage that hands out copies of
   * itself only the copy.
   *
   * @see #of
   */
  public static <A, R> JavaHandler<A, R> stage(
      Class<A> argument,
      Class<R> answer,
      Function<? super A, ? extends CompletionStage<? extends @Nullable R>> body) {
    Objects.requireNonNull(body, "body");
    return answering(
        argument,
        answer,
        (given, to) -> {
          CompletionStage<? extends R> stage = body.apply(given);
          CompletionStage<?> answered =
              stage.whenComplete(
                  (value, error) -> {
                    if (error != null) {
                      to.error(error);
                    } else {
                      to.value(value);
                    }
                  });
          if (!to.isSettled()) {
            throwErrorOf(answered);
          }
          return () -> stage.toCompletableFuture().cancel(false);
        });
  }

  /**
   * Throws the error of an action that has failed, which the stage keeps to itself: for want of
   * stack the action may not even have begun.
   */
  private static void throwErrorOf(CompletionStage<?> answered) {
    CompletableFuture<?> future;
    try {
      future = answered.toCompletableFuture();
    } catch (UnsupportedOperationException e) {
      return; // a stage may refuse to be seen as a future
    }
    if (future.isCompletedExceptionally()) {
      future.getNow(null);
    }
  }

  /**
   * A handler whose body returns a call of the same runtime, whose result is the answer. Rust hands
   * it to the future that invoked the handler: nothing of it passes through Java, no task of the
   * loop settles it, and it takes no place among those in flight. Giving the invocation up drops
   * the call's future.
   *
   * <p>An error of the function is in Rust what Java would have made of it, a panic goes on as
   * itself. The call counts among the {@link #atOnce} until it has ended.
   *
   * <pre>{@code
   * JavaHandler<String, ByteBuf> page =
   *     JavaHandler.call(String.class, ByteBuf.class, path -> load.call(root + path));
   * }</pre>
   *
   * <p>Of a buffer among the call's arguments the body's own reference stays the body's: to release
   * it, use {@link #answering} and {@link HandlerAnswer#call}.
   *
   * @see #of
   */
  public static <A, R> JavaHandler<A, R> call(
      Class<A> argument,
      Class<R> answer,
      Function<? super A, ? extends Request<? extends R>> body) {
    Objects.requireNonNull(body, "body");
    return answering(
        argument,
        answer,
        (given, to) -> {
          to.call(body.apply(given));
          return null;
        });
  }

  /**
   * A handler whose body answers however it likes: what adapters are made of.
   *
   * @see #of
   */
  public static <A, R> JavaHandler<A, R> answering(
      Class<A> argument, Class<R> answer, HandlerBody<? super A, R> body) {
    return new JavaHandler<>(argument, answer, AT_ONCE, body);
  }

  /**
   * The same handler with another number of invocations that may be under way at once, 4 by
   * default; further ones wait in Rust for their turn. The number holds for each time the handler
   * is passed; until Rust has dropped it, each takes one place more than that of those that the
   * loop has for handlers and objects ({@link NativeRuntime.Builder#maxInFlight}).
   *
   * @param invocations from 1 to 65 536
   */
  public JavaHandler<A, R> atOnce(int invocations) {
    if (invocations < 1 || invocations > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          invocations + " invocations at once, expected 1 to " + MOST_AT_ONCE);
    }
    return new JavaHandler<>(argumentClass, answerClass, invocations, body);
  }

  @Override
  int units() {
    return 1 + atOnce;
  }

  @Override
  long passTo(ObjectTable objects, ValueType function) {
    objects.unbegun.reserve(objects.units() + units());
    return objects.pass(new Held<>(this, function), units());
  }

  /**
   * This handler as one call passes it.
   *
   * @param target null of a raw callback
   * @param context null if none is carried
   */
  JavaHandler<A, R> passedWith(@Nullable CallTarget<?> target, @Nullable CarriedContext context) {
    HandlerBody<? super A, R> passed = target == null ? body : target.handlerBody(body);
    if (context != null) {
      passed = context.around(passed);
    }
    return passed == body ? this : new JavaHandler<>(argumentClass, answerClass, atOnce, passed);
  }

  /** This handler as one call passed it. */
  private static final class Held<A, R> extends PassedHandler<R> {

    private final JavaHandler<A, R> handler;

    Held(JavaHandler<A, R> handler, ValueType function) {
      super(function);
      this.handler = handler;
    }

    @Override
    @SuppressWarnings("NullAway") // a body takes null for () and None, whatever A is
    @Nullable Runnable run(NativeResult argument, HandlerAnswer<R> answer) throws Exception {
      @SuppressWarnings("unchecked") // the class was checked when the handler was passed
      A given = (A) ValueReader.value(argument, handler.argumentClass);
      return handler.body.handle(given, answer);
    }

    @Override
    @Nullable Object converted(@Nullable Object value) {
      return JavaTypes.answer(function.answer(), value);
    }

    @Override
    void requireAnswer(Signature call) {
      JavaTypes.requireAnswer(function.answer(), call);
    }

    @Override
    public String toString() {
      return handler.toString();
    }
  }

  /** Such as {@code JavaHandler(Long to String)}. */
  @Override
  public String toString() {
    return "JavaHandler("
        + argumentClass.getSimpleName()
        + " to "
        + answerClass.getSimpleName()
        + ")";
  }
}
