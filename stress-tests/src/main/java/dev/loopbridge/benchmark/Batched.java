package dev.loopbridge.benchmark;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * What an expert writes by hand when upcalls are too many: completions wait in a native list, the
 * first of them makes an upcall that queues one task to the loop, and that task takes all that wait
 * by one downcall and completes their futures on the loop. Used on its loop, but for {@link
 * #ready}; the last one made is the one that native code calls. Twin of the crate's batched.rs.
 */
final class Batched {

  /** The numbers that one downcall takes: an id and a value for each completion. */
  private static final int TAKEN_TOGETHER = 1 << 10;

  private static volatile Batched current;

  private final EventLoop loop;

  /** The futures by the last bits of their ids. */
  private CompletableFuture<Object>[] pending = table(1 << 10);

  private final long[] taken = new long[TAKEN_TOGETHER];
  private final Runnable drain = this::drain;
  private long lastId;

  Batched(EventLoop loop) {
    this.loop = loop;
    current = this;
  }

  CompletableFuture<Object> callAdd(long a, long b) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    add(put(future), a, b);
    return future;
  }

  CompletableFuture<Object> callPendOnce(long value) {
    CompletableFuture<Object> future = new CompletableFuture<>();
    pendOnce(put(future), value);
    return future;
  }

  /** Registers a future that {@link #release} completes. */
  long put(CompletableFuture<Object> future) {
    long id = ++lastId;
    while (pending[place(id)] != null) {
      grow();
    }
    pending[place(id)] = future;
    return id;
  }

  private int place(long id) {
    return (int) id & pending.length - 1;
  }

  /** Doubles the table, in which the newest id has met one that is older by the table's length. */
  private void grow() {
    CompletableFuture<Object>[] before = pending;
    pending = table(2 * before.length);
    // The ids from the oldest that may be pending to the newest before lastId.
    for (long id = lastId - before.length; id < lastId; id++) {
      pending[place(id)] = before[(int) id & before.length - 1];
    }
  }

  @SuppressWarnings("unchecked") // an array of a generic class
  private static CompletableFuture<Object>[] table(int length) {
    return (CompletableFuture<Object>[]) new CompletableFuture<?>[length];
  }

  /** Called by a Tokio worker when completions wait that the loop does not know of. */
  static void ready() {
    Batched batched = current;
    batched.loop.execute(batched.drain);
  }

  private void drain() {
    int count;
    do {
      count = take(taken, TAKEN_TOGETHER);
      for (int i = 0; i < count; i += 2) {
        CompletableFuture<Object> future = pending[place(taken[i])];
        pending[place(taken[i])] = null;
        future.complete(taken[i + 1]);
      }
    } while (count == TAKEN_TOGETHER);
  }

  private static native void add(long id, long a, long b);

  private static native void pendOnce(long id, long value);

  /** Completes {@code count} futures, {@code first} and those after it, from so many workers. */
  static native void release(int workers, long first, int count);

  private static native int take(long[] into, int length);
}
