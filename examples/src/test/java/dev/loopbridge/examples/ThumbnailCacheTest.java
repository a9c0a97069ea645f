package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the cache keeps, and what it drops. */
class ThumbnailCacheTest {

  private static final int MOST =
      ThumbnailCache.LIMIT / (ThumbnailCache.LARGEST + ThumbnailCache.ENTRY_BYTES);

  private final ThumbnailCache cache = new ThumbnailCache(Runnable::run);

  private boolean has(String key) {
    return cache.find(key).join() != null;
  }

  private void keep(String key, int length) {
    ByteBuf thumbnail = Unpooled.buffer(length).writerIndex(length);
    cache.keep(key, thumbnail);
    assertThat(thumbnail.refCnt()).isOne();
    assertThat(thumbnail.readableBytes()).isEqualTo(length);
  }

  private String metrics() {
    PrometheusText text = new PrometheusText();
    cache.writeTo(text);
    return text.toString();
  }

  @Test
  void keepsACopy() {
    ByteBuf thumbnail = Unpooled.wrappedBuffer(new byte[] {0, 1, 2, 3}).skipBytes(1);
    cache.keep("a", thumbnail);
    thumbnail.setByte(1, 9);
    assertThat(cache.find("a").join()).containsExactly(1, 2, 3);
    assertThat(cache.find("b").join()).isNull();
  }

  @Test
  void whatWasAskedForLeastLatelyGivesWay() {
    for (int i = 0; i < MOST; i++) {
      keep("" + i, ThumbnailCache.LARGEST);
    }
    assertThat(has("0")).isTrue();
    keep("one more", ThumbnailCache.LARGEST);
    assertThat(has("one more")).isTrue();
    assertThat(has("0")).isTrue();
    assertThat(has("1")).isFalse();
    assertThat(has("2")).isTrue();
  }

  @Test
  void manySmallOnesHaveALimitToo() {
    for (int i = 0; i <= ThumbnailCache.LIMIT / ThumbnailCache.ENTRY_BYTES; i++) {
      keep("" + i, 0);
    }
    assertThat(has("0")).isFalse();
    assertThat(has("1")).isTrue();
    assertThat(metrics()).contains("\nthumbnail_cache_bytes " + ThumbnailCache.LIMIT + "\n");
  }

  @Test
  void aLargeOneIsNotKept() {
    keep("large", ThumbnailCache.LARGEST + 1);
    assertThat(has("large")).isFalse();
    assertThat(metrics()).contains("\nthumbnail_cache_bytes 0\n");
  }

  @Test
  void whatIsKeptTwiceCountsOnce() {
    keep("a", 100);
    String once = metrics();
    keep("a", 100);
    assertThat(metrics()).isEqualTo(once);
  }

  @Test
  void aLookUpCancelledBeforeItsTurnIsNone() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    ThumbnailCache slow = new ThumbnailCache(tasks::add);
    CompletableFuture<byte[]> found = slow.find("a");
    found.cancel(false);
    tasks.remove().run();
    assertThat(found).isCancelled();
    PrometheusText text = new PrometheusText();
    slow.writeTo(text);
    assertThat(text.toString())
        .contains("\nthumbnail_cache_cancelled_total 1\n", "\nthumbnail_cache_misses_total 0\n");
  }
}
