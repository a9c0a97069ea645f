package dev.loopbridge.reactor;

import io.netty.util.concurrent.FastThreadLocalThread;
import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Makes known to BlockHound the threads that must not block: those that run a loop's task, whether
 * the loop is a Netty one, a runtime's default loop or one made by {@link ReactorBridge#loop}.
 *
 * <p>On the class path BlockHound finds it by itself. Where Loopbridge is a module it has to be
 * handed over, since a module cannot provide a service whose own module may be missing:
 *
 * <pre>{@code
 * BlockHound.install(new LoopbridgeBlockHoundIntegration());
 * }</pre>
 *
 * <p>Nothing of the bridge is exempted: it blocks on no loop. Netty's and Reactor's own
 * integrations exempt what those do when a loop is idle.
 */
@SuppressWarnings("exports") // BlockHound is optional, so users of this module need not have it
public final class LoopbridgeBlockHoundIntegration implements BlockHoundIntegration {

  /** Called by BlockHound, or by code that installs the integration itself. */
  public LoopbridgeBlockHoundIntegration() {}

  @Override
  public void applyTo(BlockHound.Builder builder) {
    builder.nonBlockingThreadPredicate(current -> current.or(LoopThread::runsLoop));
    // A plain thread may run a loop's task now and something else a moment later, so BlockHound has
    // to ask each time; about Netty's own threads it asks once.
    builder.addDynamicThreadPredicate(thread -> !(thread instanceof FastThreadLocalThread));
  }
}
