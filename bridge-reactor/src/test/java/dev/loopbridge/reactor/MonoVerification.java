package dev.loopbridge.reactor;

import dev.loopbridge.Builtin;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import reactor.core.publisher.Mono;

/** The Reactive Streams TCK on the Mono of a call; run by {@link ReactiveStreamsTest}. */
public class MonoVerification extends PublisherVerification<Long> {

  private static final long TIMEOUT_MILLIS = 500;
  private static final long NO_SIGNALS_MILLIS = 50;

  private NativeRuntime runtime;
  private NettyLoop loop;

  public MonoVerification() {
    super(new TestEnvironment(TIMEOUT_MILLIS, NO_SIGNALS_MILLIS));
  }

  @BeforeClass
  public void open() {
    runtime = Builtin.runtime();
    loop = Loops.netty();
  }

  @AfterClass
  public void close() {
    Builtin.awaitNothingLeft(runtime);
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Override
  public Publisher<Long> createPublisher(long elements) {
    return createMono();
  }

  Mono<Long> createMono() {
    return runtime
        .function("add", Long.class, long.class, long.class)
        .call(40L, 2L)
        .as(ReactorBridge.mono(loop));
  }

  @Override
  public Publisher<Long> createFailedPublisher() {
    return runtime
        .function("fail", Void.class, String.class, int.class)
        .call("no luck", 0)
        .as(ReactorBridge.mono(loop))
        .thenReturn(1L);
  }

  @Override
  public long maxElementsFromPublisher() {
    return 1;
  }
}
