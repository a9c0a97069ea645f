/**
 * Rust futures on the JVM's event loops, and Java's functions in Rust.
 *
 * <p>Load a {@link dev.loopbridge.NativeLibrary}, open a {@link dev.loopbridge.NativeRuntime}, look
 * up a {@link dev.loopbridge.NativeFunction} and make a {@link dev.loopbridge.NativeCall}. Its
 * {@link dev.loopbridge.NativeCall#toFuture() toFuture()} and {@link
 * dev.loopbridge.NativeCall#toPromise toPromise(executor)} start it; {@link
 * dev.loopbridge.NativeCall#as as(adapter)} makes a type of Reactor's or Vert.x's, by the adapters
 * of those modules.
 *
 * <p>Each pending call belongs to one {@link dev.loopbridge.OwnerLoop}: the one named to the
 * adapter, else the one the caller is on ({@link dev.loopbridge.LoopFinder}), else the runtime's
 * default loop. It settles there exactly once and nowhere else; if that loop is gone it fails with
 * {@link dev.loopbridge.OwnerGoneException}, on the thread that noticed.
 *
 * <p>A {@link dev.loopbridge.ContextCarrier} takes what surrounds the caller there.
 *
 * <p>A {@link dev.loopbridge.JavaHandler} is a Java function that Rust awaits, a {@link
 * dev.loopbridge.LoopRef} an object that Rust may hold and no other loop may touch, a {@link
 * dev.loopbridge.NativeRef} an object of Rust's that lives on a loop's own thread.
 *
 * <p>Who calls Rust needs these types, {@link dev.loopbridge.NettyLoop}, {@link
 * dev.loopbridge.RuntimeMetrics}, {@link dev.loopbridge.CloseReport} and the exceptions: {@link
 * dev.loopbridge.NativeException} and {@link dev.loopbridge.NativePanicError} of Rust's, {@link
 * dev.loopbridge.LoopbridgeException}s of the bridge's. The others are for adapters and loops:
 *
 * <ul>
 *   <li>{@link dev.loopbridge.CallAdapter}, {@link dev.loopbridge.CallTarget} and {@link
 *       dev.loopbridge.CallHandle}: a type of future of one's own.
 *   <li>{@link dev.loopbridge.HandlerBody} and {@link dev.loopbridge.HandlerAnswer}: a handler that
 *       answers in a way of its own.
 *   <li>{@link dev.loopbridge.LoopFinder} and {@link dev.loopbridge.Blocking}: loops of one's own.
 *   <li>{@link dev.loopbridge.BytesCodec}: another library's class of bytes.
 * </ul>
 */
package dev.loopbridge;
