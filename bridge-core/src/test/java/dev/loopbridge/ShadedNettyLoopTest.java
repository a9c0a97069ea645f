package dev.loopbridge;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The loop contract for the Netty that is inside of grpc-netty-shaded. */
class ShadedNettyLoopTest extends LoopContract {

  private final Map<OwnerLoop, EventLoop> executors = new HashMap<>();

  private static OwnerLoop of(EventLoop executor) {
    return CompletableFuture.supplyAsync(ForeignNettyLoop::current, executor).join();
  }

  @Override
  protected OwnerLoop open() {
    EventLoop executor = new NioEventLoopGroup(1).next();
    OwnerLoop loop = of(executor);
    executors.put(loop, executor);
    return loop;
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    executors.get(opened).parent().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  @Override
  protected OwnerLoop again(OwnerLoop opened) {
    return of(executors.get(opened));
  }
}
