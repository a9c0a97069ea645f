package dev.loopbridge.examples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The latest thumbnails, each under the key of what it was made of. They belong to one loop; other
 * threads use it without waiting: any thread may call any method.
 */
final class ThumbnailCache {

  /**
   * The most memory of the cache, in bytes; beyond it, the entries that were used least recently
   * are dropped.
   */
  static final int LIMIT = 32 << 20;

  /** A larger thumbnail is not kept, in bytes: it would push out many others. */
  static final int LARGEST = 1 << 20;

  /** What an entry takes besides the thumbnail, in bytes; an upper estimate. */
  static final int ENTRY_BYTES = 512;

  private final Executor loop;

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** Written on the loop alone. */
  private volatile int bytes;

  // Loop only.
  private final Map<String, byte[]> thumbnails = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Makes an empty cache.
   *
   * @param loop runs its tasks one after another
   */
  ThumbnailCache(Executor loop) {
    this.loop = loop;
  }

  /**
   * Looks a thumbnail up; completes on the loop, with null if it is not here. A look-up that is
   * cancelled before the loop runs it does nothing.
   */
  CompletableFuture<byte @Nullable []> find(String key) {
    CompletableFuture<byte @Nullable []> found = new CompletableFuture<>();
    found.whenComplete(this::count);
    try {
      loop.execute(
          () -> {
            if (!found.isDone()) {
              found.complete(thumbnails.get(key));
            }
          });
    } catch (RejectedExecutionException e) {
      found.completeExceptionally(e);
    }
    return found;
  }

  /** Keeps a copy of the readable bytes; the buffer stays the caller's. */
  void keep(String key, ByteBuf thumbnail) {
    if (thumbnail.readableBytes() > LARGEST) {
      return;
    }
    byte[] copy = ByteBufUtil.getBytes(thumbnail);
    try {
      loop.execute(() -> put(key, copy));
    } catch (RejectedExecutionException e) {
      // The server is being stopped.
    }
  }

  private void put(String key, byte[] thumbnail) {
    int taken = bytes;
    if (thumbnails.putIfAbsent(key, thumbnail) == null) {
      taken += ENTRY_BYTES + thumbnail.length;
    }
    Iterator<byte[]> oldest = thumbnails.values().iterator();
    while (taken > LIMIT) {
      taken -= ENTRY_BYTES + oldest.next().length;
      oldest.remove();
    }
    bytes = taken;
  }

  private void count(byte @Nullable [] thumbnail, @Nullable Throwable error) {
    if (error instanceof CancellationException) {
      cancelled.increment();
    } else if (error != null) {
      failed.increment();
    } else if (thumbnail == null) {
      misses.increment();
    } else {
      hits.increment();
    }
  }

  void writeTo(PrometheusText text) {
    counter(text, "hits", hits, "Look-ups that found a finished thumbnail.");
    counter(text, "misses", misses, "Look-ups that found none.");
    counter(text, "cancelled", cancelled, "Look-ups whose client left before their answer.");
    counter(text, "failed", failed, "Look-ups that failed.");
    String name = "thumbnail_cache_bytes";
    text.describe(name, "gauge", "Memory that the kept thumbnails take.");
    text.sample(name, "", bytes);
  }

  private static void counter(PrometheusText text, String name, LongAdder value, String help) {
    String full = "thumbnail_cache_" + name + "_total";
    text.describe(full, "counter", help);
    text.sample(full, "", value.sum());
  }
}
