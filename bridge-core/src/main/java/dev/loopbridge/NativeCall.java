package dev.loopbridge;

import dev.loopbridge.spi.CallAdapter;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A call of a Rust function that has not happened yet: function and arguments. It is cold and may
 * be started any number of times, on any thread; each start is a Rust future of its own, with a
 * handle of its own to cancel it by.
 *
 * <pre>{@code
 * Mono<Long> mono = add.call(1L, 2L).as(ReactorBridge.mono());          // starts with each subscription
 * CompletableFuture<Long> future = add.call(1L, 2L).toFuture();         // starts now
 * }</pre>
 *
 * @param <R> the result
 */
public final class NativeCall<R> extends Request<R> {

  final NativeFunction<R> function;

  /** Whether the buffers and objects among the arguments are references of this call's own. */
  private final boolean holding;

  NativeCall(NativeFunction<R> function, @Nullable Object[] arguments) {
    this(function, arguments, false);
  }

  private NativeCall(NativeFunction<R> function, @Nullable Object[] arguments, boolean holding) {
    super(arguments);
    this.function = function;
    this.holding = holding;
  }

  @Override
  Signature signature() {
    return function.signature;
  }

  @Override
  @Nullable R value(NativeResult result) {
    return function.value(result);
  }

  @Override
  NativeCall<R> held() {
    @Nullable Object @Nullable [] held = null;
    int seen = 0;
    try {
      for (; seen < arguments.length; seen++) {
        if (arguments[seen] instanceof ByteBuf buffer) {
          held = held == null ? arguments.clone() : held;
          held[seen] = buffer.retainedSlice();
        } else if (arguments[seen] instanceof NativeObject object) {
          held = held == null ? arguments.clone() : held;
          held[seen] = object.hold.use();
        }
      }
      return held == null ? this : new NativeCall<>(function, held, true);
    } catch (Throwable e) {
      if (held != null) {
        release(held, seen);
      }
      if (e instanceof IllegalReferenceCountException || e instanceof ClosedException) {
        return this; // the start on the loop fails in the same way, and the target gets that error
      }
      throw e;
    }
  }

  @Override
  void releaseHeld() {
    if (holding) {
      release(arguments, arguments.length);
    }
  }

  private static void release(@Nullable Object[] arguments, int end) {
    for (int i = 0; i < end; i++) {
      if (arguments[i] instanceof ObjectHold.Use use) {
        use.end();
      } else {
        ReferenceCountUtil.safeRelease(arguments[i]);
      }
    }
  }

  /** Hands the call to an adapter, which makes the caller's own type of future of it. */
  public <T> T as(CallAdapter<R, T> adapter) {
    return adapter.adapt(this);
  }

  /**
   * Starts the call on the loop the caller is on, or else on the runtime's default loop. The future
   * is that of {@link #toFuture(OwnerLoop)}.
   */
  public CompletableFuture<R> toFuture() {
    return toFuture(function.runtime.currentLoop());
  }

  /**
   * Starts the call. The future completes on {@code loop}.
   *
   * <p>A thread that ends the future first, by {@code cancel}, {@code complete} or a timeout such
   * as {@code orTimeout}, thereby drops the Rust future. As always with a {@link
   * CompletableFuture}, dependents then run on the thread that ended it.
   *
   * <p>Waiting for the future, or for a stage derived from it, on an event loop throws {@link
   * BlockingOnLoopException}. That holds for all stages made by its own methods, and for no future
   * that the JDK makes elsewhere: {@code CompletableFuture.allOf(it).join()}, {@code anyOf}, or
   * {@code other.thenCompose(x -> it).join()} wait, and on the loop that is to settle it for ever.
   * Compose such a future too; a loop that has stood still for 5 seconds while results wait is
   * logged, with its stack.
   *
   * <pre>{@code
   * add.call(1L, 2L).toFuture(NettyLoop.of(channel.eventLoop())).thenAccept(sum -> channel.write(sum));
   * }</pre>
   *
   * @param loop the owner of the call
   * @return the future; it fails with what {@link CallTarget#error} lists, nothing is thrown here
   */
  public CompletableFuture<R> toFuture(OwnerLoop loop) {
    CallStage<R> stage = new CallStage<>();
    stage.startedAs(started(loop, stage));
    return stage;
  }

  /**
   * Starts the call. The promise completes on {@code executor} and notifies its listeners there. A
   * thread that ends the promise first, by {@code cancel} or by completing it, thereby drops the
   * Rust future. Waiting for it on an event loop throws {@link BlockingOnLoopException}.
   *
   * <pre>{@code
   * resize.call(image, 200).toPromise(channel.eventLoop()).addListener(...);
   * }</pre>
   *
   * @param executor the owner of the call
   * @throws IllegalArgumentException if the executor does not run its tasks one after another
   */
  public Promise<R> toPromise(EventExecutor executor) {
    NettyLoop loop = NettyLoop.of(executor);
    CallPromise<R> promise = new CallPromise<>(executor);
    promise.startedAs(started(loop, promise));
    return promise;
  }

  /**
   * Starts the call, owned by {@code loop}. On that loop it starts at once, elsewhere it hops there
   * first. Nothing is thrown: {@code target} gets each failure, on the loop.
   *
   * @return the handle that cancels this start
   */
  public CallHandle start(OwnerLoop loop, CallTarget<? super R> target) {
    return started(loop, target);
  }

  /** {@link #start} for the futures of this package, which call the handle by its class. */
  StartedCall started(OwnerLoop loop, CallTarget<? super R> target) {
    if (target == null) {
      throw new NullPointerException("target");
    }
    Port port = function.runtime.ports.onOrRefusing(loop);
    CallTarget<? super R> placed = CallContexts.inContext(loop, target);
    CallTarget<? super R> located =
        function.signature.returnsObject ? PlacedTarget.of(placed) : placed;
    CarriedContext context = CarriedContext.capture(function.runtime.context(), target);
    CallTarget<? super R> settled = context == null ? located : context.around(located);
    StartedCall handle = new StartedCall(port, passedWith(placed, context), settled);
    handle.start();
    return handle;
  }

  /**
   * Starts the call without making any object, and so without context for the callback; a handler
   * among the arguments has it. Owner loop only.
   *
   * @return the ticket by which {@link Port#cancel} ends it
   * @throws WrongLoopException off the port's loop
   * @throws WrongRuntimeException if the port is of another runtime than the function
   * @throws TooManyInFlightException at the in-flight limit
   * @throws PayloadTooLargeException if the arguments are too large
   * @throws RuntimeClosedException once the runtime is closing
   */
  long start(Port port, RawCallback callback) {
    if (callback == null) {
      throw new NullPointerException("callback");
    }
    port.requireLoop();
    requireIn(port.runtime());
    if (!function.signature.passesHandlers) {
      return port.start(function.signature, arguments, callback);
    }
    CarriedContext context = CarriedContext.capture(function.runtime.context(), null);
    return port.start(function.signature, passedWith(null, context).arguments, callback);
  }

  @Override
  void requireIn(RuntimeSide runtime) {
    if (function.runtime.ports != runtime) {
      throw new WrongRuntimeException(
          function.name()
              + " belongs to "
              + function.runtime
              + " but was started on a port of "
              + runtime
              + "; look the function up in the runtime it is to run in");
    }
  }

  /** This call with its handlers as this start passes them. */
  private NativeCall<R> passedWith(
      @Nullable CallTarget<?> target, @Nullable CarriedContext context) {
    if (!function.signature.passesHandlers) {
      return this;
    }
    @Nullable Object @Nullable [] passed = null;
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof JavaHandler<?, ?> handler) {
        JavaHandler<?, ?> its = handler.passedWith(target, context);
        if (its != handler) {
          passed = passed == null ? arguments.clone() : passed;
          passed[i] = its;
        }
      }
    }
    return passed == null ? this : new NativeCall<>(function, passed);
  }

  /**
   * Starts the call on the runtime's default loop and waits for its result: by parking on a virtual
   * thread, by blocking on another.
   *
   * @throws BlockingOnLoopException on an event loop
   * @throws InterruptedException if interrupted, after cancelling the call
   * @throws NativeException if the function returned an error
   */
  public R await() throws InterruptedException {
    Blocking.refuseOnLoop("NativeCall.await()", null);
    CompletableFuture<R> result = toFuture(function.runtime.defaultLoop());
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      } else if (cause instanceof Error failure) {
        throw failure;
      }
      throw new CompletionException(cause);
    }
  }

  /** The function it calls, which has the runtime it runs in. */
  public NativeFunction<R> function() {
    return function;
  }

  @Override
  public String toString() {
    return "NativeCall(" + function + ")";
  }
}
