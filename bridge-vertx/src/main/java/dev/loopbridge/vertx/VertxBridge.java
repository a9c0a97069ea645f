package dev.loopbridge.vertx;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.spi.CallAdapter;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Objects;
import java.util.function.Function;

/**
 * Calls as Vert.x {@link Future}s. They start at once, belong to one context and complete there:
 * that very context, so that handlers find what is stored in it, be it an event-loop, a worker or a
 * virtual-thread context.
 *
 * <pre>{@code
 * server.requestHandler(request -> request.body()
 *     .compose(image -> resize.call(image, 200).as(VertxBridge.future()))
 *     .onSuccess(thumbnail -> request.response().end(thumbnail))
 *     .onFailure(error -> request.response().setStatusCode(500).end(error.getMessage())));
 * }</pre>
 *
 * <p>The calls of a verticle are cancelled when it is undeployed, all others when Vert.x closes:
 * their Rust futures are dropped, and they fail with a {@link
 * java.util.concurrent.CancellationException} while their handlers can still run. A call started
 * later than that fails so at once. Other failures are those of {@link
 * dev.loopbridge.spi.CallTarget#error}.
 *
 * <p>On a virtual-thread context {@code future.await()} waits for the result without holding up the
 * context. On an event loop waiting is refused, with the loop's name, by {@link
 * dev.loopbridge.NativeCall#await} as by Vert.x itself. On a worker context {@code
 * NativeCall.await()} blocks the worker, as other blocking code does there; waiting for a future of
 * that same context would wait for ever.
 *
 * <p>Every handler passed with such a call runs on the call's context too, also one that {@link
 * JavaHandler} makes: on a virtual-thread context in a task of its own, which may {@code await}.
 *
 * <p>A {@link Buffer} stands for Rust's bytes wherever {@code byte[]} does: {@code
 * runtime.function("resize", Buffer.class, Buffer.class, int.class)}. Given as an argument it is
 * not copied, and must stay as it is until the call has settled. A result of class {@code Buffer}
 * or {@code byte[]} needs no release; one of class {@code ByteBuf} belongs to the handler, which
 * releases it.
 */
public final class VertxBridge {

  private VertxBridge() {}

  /**
   * Belongs to the context the caller is on.
   *
   * @return an adapter that throws {@link NoVertxContextException} where there is no current
   *     context
   */
  public static <R> CallAdapter<R, Future<R>> future() {
    return call -> VertxCall.start(call, currentContext()).future();
  }

  /**
   * Belongs to the context of {@code vertx} that the caller is on; on any other thread to an
   * event-loop context made for the call.
   */
  public static <R> CallAdapter<R, Future<R>> future(Vertx vertx) {
    VertxInternal owner = ownerOf(vertx);
    return call -> VertxCall.start(call, contextOf(owner)).future();
  }

  /** Belongs to {@code context}, wherever the caller is. */
  public static <R> CallAdapter<R, Future<R>> future(Context context) {
    ContextInternal owner = internalOf(context);
    return call -> VertxCall.start(call, owner).future();
  }

  /**
   * Like {@link #future()}, with a handle to cancel the call by.
   *
   * @return an adapter that throws {@link NoVertxContextException} where there is no current
   *     context
   */
  public static <R> CallAdapter<R, CancellableFuture<R>> cancellable() {
    return call -> new CancellableFuture<>(VertxCall.start(call, currentContext()));
  }

  /** Like {@link #future(Vertx)}, with a handle to cancel the call by. */
  public static <R> CallAdapter<R, CancellableFuture<R>> cancellable(Vertx vertx) {
    VertxInternal owner = ownerOf(vertx);
    return call -> new CancellableFuture<>(VertxCall.start(call, contextOf(owner)));
  }

  /** Like {@link #future(Context)}, with a handle to cancel the call by. */
  public static <R> CallAdapter<R, CancellableFuture<R>> cancellable(Context context) {
    ContextInternal owner = internalOf(context);
    return call -> new CancellableFuture<>(VertxCall.start(call, owner));
  }

  /**
   * A handler whose body returns a Vert.x future. The body runs on the context the caller of this
   * method is on, and sees what is stored in it: at once where that context's loop owns the call,
   * as it does for a call started there; else the invocation hops to it. A handler that a verticle
   * made on its own context, as it started, and passes to a call of a duplicate, as each request
   * has one, runs on that duplicate. On a virtual-thread context the body may {@code await}.
   *
   * <p>A Vert.x future cannot be cancelled: when Rust gives the invocation up, what comes of it is
   * released. A body that can cancel what it does is one for {@link JavaHandler#answering}.
   *
   * <pre>{@code
   * JavaHandler<Long, String> nameOf =
   *     VertxBridge.handler(Long.class, String.class, id -> users.name(id));
   * }</pre>
   *
   * @param argument the class that stands for the Rust argument
   * @param answer the class that stands for the Rust answer
   * @throws NoVertxContextException where there is no current context
   * @see JavaHandler#of
   */
  public static <A, R> JavaHandler<A, R> handler(
      Class<A> argument, Class<R> answer, Function<? super A, ? extends Future<? extends R>> body) {
    Objects.requireNonNull(body, "a body is needed, a function that returns a Future");
    return JavaHandler.answering(argument, answer, new FutureBody<>(body, currentContext()));
  }

  /**
   * An array as a buffer that owns it, without copying it; null for null. A function asked for
   * {@code Buffer.class} has such a result.
   */
  public static Buffer buffer(byte[] result) {
    return result == null ? null : BufferInternal.buffer(new OwnedBytes(result));
  }

  /**
   * The bytes of a buffer as Netty's type, without copying them; null for null. The buffer must
   * stay as it is while they are used; nothing has to be released. A call takes the buffer itself.
   */
  public static ByteBuf bytes(Buffer argument) {
    return argument == null ? null : ((BufferInternal) argument).getByteBuf();
  }

  private static ContextInternal currentContext() {
    ContextInternal context = (ContextInternal) Vertx.currentContext();
    if (context == null) {
      throw new NoVertxContextException(
          "the thread "
              + Thread.currentThread().getName()
              + " is on no Vert.x context for a future to complete on; name one by"
              + " VertxBridge.future(context), or let one be made by VertxBridge.future(vertx)");
    }
    return context;
  }

  private static ContextInternal contextOf(VertxInternal vertx) {
    ContextInternal context = vertx.getContext();
    if (context != null) {
      return context;
    }
    // On a worker thread Vert.x would make a worker context: an executor, and with it a port, for
    // each call.
    return Context.isOnWorkerThread() ? vertx.createEventLoopContext() : vertx.getOrCreateContext();
  }

  private static VertxInternal ownerOf(Vertx vertx) {
    if (vertx == null) {
      throw new NullPointerException("a Vertx is needed to make a context with");
    }
    return (VertxInternal) vertx;
  }

  private static ContextInternal internalOf(Context context) {
    if (context == null) {
      throw new NullPointerException("a context is needed; VertxBridge.future() takes the current");
    }
    return (ContextInternal) context;
  }
}
