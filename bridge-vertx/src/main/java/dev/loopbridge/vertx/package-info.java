/**
 * Rust futures as Vert.x futures.
 *
 * <p>{@link dev.loopbridge.vertx.VertxBridge} has the adapters. Each call belongs to a Vert.x
 * context: its future completes there, its handlers run there and see what is stored in it, and the
 * call is cancelled when that context is closed.
 *
 * <p>What owns the call, and so where the bridge does its own work, is what runs the context's
 * tasks. For an event-loop context that is its Netty event loop: all contexts of one loop share one
 * port. A worker or virtual-thread context has an executor and so a port of its own, whose ring
 * memory ({@link dev.loopbridge.NativeRuntime.Builder#maxInFlight}) is freed when the verticle is
 * undeployed, or when Vert.x closes.
 *
 * <p>Futures, Netty promises and Monos that are started on a context belong to its loop too, and
 * settle in that context ({@link dev.loopbridge.vertx.VertxLoopFinder}); but closing the context
 * does not cancel them, it fails those of a worker or virtual-thread context with {@link
 * dev.loopbridge.OwnerGoneException}.
 *
 * <p>A verticle that closes a runtime as it stops does not wait for it: on its own context the
 * calls have yet to settle.
 *
 * <pre>{@code
 * public Future<?> stop() {
 *   return Future.fromCompletionStage(runtime.closeAsync(Duration.ofSeconds(1)), context);
 * }
 * }</pre>
 *
 * <p>Vert.x switches Netty's leak detector off unless the system property {@code
 * io.netty.leakDetection.level} is set: set it to look for results of class {@code ByteBuf} that
 * are not released.
 */
@NullMarked
package dev.loopbridge.vertx;

import org.jspecify.annotations.NullMarked;
