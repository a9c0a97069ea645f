package dev.loopbridge.stress.process;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The main class of a JVM that ends as its {@link ExitScene} describes, or that makes one of the
 * mistakes of {@link Exits}.
 */
final class ExitMain {

  static final String LEAVING = "leaving";
  static final String SIGNALS = "signals";
  static final String BARE = "bare";
  static final String STUCK = "stuck";

  private ExitMain() {}

  /** Takes the name of a scene, or one of the names above. */
  public static void main(String... arguments) throws Exception {
    switch (arguments[0]) {
      case BARE -> {
        busyLoops();
        System.out.println(LEAVING + " " + System.nanoTime());
        System.exit(0);
      }
      case STUCK -> {
        Thread stays =
            new Thread(
                () -> {
                  while (true) {
                    LockSupport.park();
                  }
                });
        stays.start();
        System.out.println(LEAVING + " " + System.nanoTime());
      }
      default -> {
        Signals before = Signals.ofKernel();
        InFlight work = InFlight.start();
        System.out.println(SIGNALS + " " + before.change(Signals.ofKernel()).orElse(""));
        ExitScene.valueOf(arguments[0]).leave(work);
      }
    }
  }

  /**
   * Starts loops of Netty's that keep each other busy, as in any server; the bridge is not used.
   */
  private static void busyLoops() throws InterruptedException {
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            4, new DefaultThreadFactory("loop", /* daemon= */ true), NioIoHandler.newFactory());
    CountDownLatch hops = new CountDownLatch(200_000);
    for (int i = 0; i < 64; i++) {
      hop(group, hops);
    }
    hops.await();
  }

  private static void hop(EventLoopGroup group, CountDownLatch hops) {
    group
        .next()
        .execute(
            () -> {
              hops.countDown();
              hop(group, hops);
            });
  }
}
