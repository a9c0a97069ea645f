package dev.loopbridge.benchmark;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The usual code without a bridge: each call is a downcall that spawns a Tokio task, and each
 * completion is an upcall that looks up a {@link CompletableFuture} and completes it on the Tokio
 * thread. Twin of the crate's handwritten.rs.
 */
final class HandWritten {

  private static final ConcurrentHashMap<Long, CompletableFuture<Object>> PENDING =
      new ConcurrentHashMap<>();

  private static final AtomicLong IDS = new AtomicLong();

  private HandWritten() {}

  static CompletableFuture<Object> callAdd(long a, long b) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    add(put(future), a, b);
    return future;
  }

  static CompletableFuture<Object> callAddByName(long a, long b) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    addByName(put(future), a, b);
    return future;
  }

  static CompletableFuture<Object> callPendOnce(long value) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    pendOnce(put(future), value);
    return future;
  }

  static CompletableFuture<Object> callNever() {
    CompletableFuture<Object> future = new CompletableFuture<>();
    never(put(future));
    return future;
  }

  static CompletableFuture<Object> callBurn(long micros) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    burn(put(future), micros);
    return future;
  }

  static CompletableFuture<Object> callEcho(byte[] bytes) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    echo(put(future), bytes);
    return future;
  }

  /** Registers a future that {@link #release} completes. */
  static long put(CompletableFuture<Object> future) {
    long id = IDS.incrementAndGet();
    PENDING.put(id, future);
    return id;
  }

  /** Called by a Tokio worker. */
  static void complete(long id, long value) {
    PENDING.remove(id).complete(value);
  }

  /** Called by a Tokio worker that looks everything up by name. */
  static void complete(long id, Object value) {
    PENDING.remove(id).complete(value);
  }

  /** Called by a Tokio worker. */
  static void completeBytes(long id, byte[] bytes) {
    PENDING.remove(id).complete(bytes);
  }

  /** Called by a Tokio worker for {@link Batched}. */
  static void ready() {
    Batched.ready();
  }

  static native void open(int workers);

  private static native void add(long id, long a, long b);

  private static native void addByName(long id, long a, long b);

  private static native void pendOnce(long id, long value);

  private static native void never(long id);

  private static native void burn(long id, long micros);

  private static native void echo(long id, byte[] bytes);

  /** Completes {@code count} futures, {@code first} and those after it, from so many workers. */
  static native void release(int workers, long first, int count);

  /** A plain synchronous crossing. */
  static native long address(ByteBuffer direct);

  /** Runs the work in Tokio alone, on the runtime of {@link #open}; returns how often it ran. */
  static native long bareBurn(int inFlight, long micros, long nanos);

  /** Spawns so many Tokio tasks that never end, or drops the tasks of the call before. */
  static native void barePend(int count);

  /** Returns a Fibonacci number. */
  static native long fib(long index);

  /** Returns the address of a C function that does the same. */
  static native long fibAddress();

  /** Runs all parts of the CPU loop on the runtime of {@link #open}; returns their sum. */
  static native long bareLoop(int parts, long steps);

  /** Returns the CPU time of a process, of this one for 0; -1 if there is no such process. */
  static native long cpuNanos(int process);
}
