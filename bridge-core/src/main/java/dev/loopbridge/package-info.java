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
 * <p>What binds one loop to one runtime is called a <em>port</em>: rings in native memory and a
 * table of the pending calls. It is opened with the loop's first call and closed with the loop or
 * the runtime.
 *
 * <p>A {@link dev.loopbridge.ContextCarrier} takes what surrounds the caller there.
 *
 * <p>A {@link dev.loopbridge.JavaHandler} is a Java function that Rust awaits, a {@link
 * dev.loopbridge.LoopRef} an object that Rust may hold and no other loop may touch, a {@link
 * dev.loopbridge.NativeRef} an object of Rust's that lives on a loop's own thread.
 */
package dev.loopbridge;
