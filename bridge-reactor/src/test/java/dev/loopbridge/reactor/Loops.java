package dev.loopbridge.reactor;

import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Loops for one test, and a task that keeps one busy. */
final class Loops {

  private Loops() {}

  static NettyLoop netty() {
    return NettyLoop.of(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next());
  }

  static void end(OwnerLoop loop) {
    ((NettyLoop) loop).executor().parent().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  /** Keeps the loop busy until the returned latch is counted down. */
  static CountDownLatch hold(OwnerLoop loop) {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(
        () -> {
          entered.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    await().atMost(Builtin.PATIENCE).until(() -> entered.getCount() == 0);
    return release;
  }
}
