/**
 * Rust futures for Project Reactor.
 *
 * <p>{@link dev.loopbridge.reactor.ReactorBridge} is where everything starts: it makes a {@code
 * Mono} of a {@link dev.loopbridge.NativeCall}, a {@code Scheduler} of an {@link
 * dev.loopbridge.OwnerLoop}, and an owner loop of a single-threaded {@code Scheduler}. {@link
 * dev.loopbridge.reactor.LoopbridgeBlockHoundIntegration} makes the loops known to BlockHound.
 */
@NullMarked
package dev.loopbridge.reactor;

import org.jspecify.annotations.NullMarked;
