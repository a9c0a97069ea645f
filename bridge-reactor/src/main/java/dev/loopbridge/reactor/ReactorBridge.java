package dev.loopbridge.reactor;

import dev.loopbridge.ContextCarrier;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallAdapter;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Rust calls as {@link Mono}s, owner loops as {@link Scheduler}s, and the other way round.
 *
 * <pre>{@code
 * Mono<ByteBuf> thumbnail = resize.call(image, 200).as(ReactorBridge.mono());
 * return thumbnail.timeout(Duration.ofSeconds(2));   // a timeout drops the Rust future
 * }</pre>
 *
 * <p><b>Blocking.</b> {@code block} and {@code blockOptional} of such a Mono throw {@link
 * dev.loopbridge.BlockingOnLoopException} on an event loop, before anything was started. Operators
 * chained to it are Reactor's own: they throw {@link IllegalStateException} on a thread that
 * Reactor knows as non-blocking. So that they do on every Netty loop, those of Vert.x among them,
 * on those that a {@link dev.loopbridge.spi.LoopFinder} knows, and on the loops made by {@link
 * #loop}, this class registers a {@linkplain Schedulers#registerNonBlockingThreadPredicate
 * predicate} once, when it is first used. It holds for the whole JVM until someone calls {@link
 * Schedulers#resetNonBlockingThreadPredicate}. What {@code toFuture} returns knows of no loops and
 * does wait; {@link dev.loopbridge.NativeCall#toFuture()} makes one that refuses to.
 */
public final class ReactorBridge {

  static {
    Schedulers.registerNonBlockingThreadPredicate(LoopThread::runsLoop);
  }

  private ReactorBridge() {}

  /**
   * Calls as Monos, owned by the loop that the subscriber is on when it subscribes, or else by the
   * runtime's default loop. See {@link #mono(OwnerLoop)}.
   */
  public static <R> CallAdapter<R, Mono<R>> mono() {
    return call -> NativeMono.of(call, null);
  }

  /**
   * Calls as Monos, owned by {@code loop}.
   *
   * <p>Each subscription starts the call once, with its first request, and gets the result on the
   * loop. Cancelling drops the Rust future within one poll.
   *
   * <p>{@code ()} and {@code None} complete empty, since no Reactor signal carries a null. {@code
   * repeat} subscribes again after an empty Mono as after any other, so a function that returns
   * {@code None} for "no more pages" ends no {@code repeat()}; a loop that pages ends by {@code
   * repeatWhen}, or by a value of the Rust function's own:
   *
   * <pre>{@code
   * Flux<Page> pages = Mono.defer(() -> next.call(cursor()).as(ReactorBridge.<Page>mono()))
   *     .repeatWhen(counts -> counts.takeWhile(emitted -> emitted > 0));   // until it was empty
   * }</pre>
   *
   * <p>A {@code ByteBuf} that is emitted belongs to the subscriber, who releases it. One that
   * arrives after the cancel goes to the {@code doOnDiscard} hook downstream, if there is one: the
   * hook may release it, and what it does not release the bridge does, so a hook that wants to keep
   * the buffer retains it. An error that arrives after the cancel goes to {@code onErrorDropped};
   * that the call was ended is no such error.
   *
   * <p>Errors are those of {@link dev.loopbridge.spi.CallTarget#error}. The Mono always terminates:
   * also errors that Reactor calls fatal are signalled, not thrown. If the loop is gone, {@link
   * dev.loopbridge.OwnerGoneException} is signalled on the thread that noticed.
   */
  public static <R> CallAdapter<R, Mono<R>> mono(OwnerLoop loop) {
    Objects.requireNonNull(loop, "an owner loop is needed; mono() takes the subscriber's");
    return call -> NativeMono.of(call, loop);
  }

  /**
   * A handler whose body returns a Mono, which is subscribed to on the owner loop. Its value, or
   * that it completes empty, is the answer; giving the invocation up cancels the subscription, on
   * the loop. Where the call that it was passed to is a Mono too, it finds the Context of that
   * Mono's subscriber.
   *
   * <pre>{@code
   * JavaHandler<Long, String> nameOf =
   *     ReactorBridge.handler(Long.class, String.class, id -> users.findById(id).map(User::name));
   * }</pre>
   *
   * @param argument the class that stands for the Rust argument
   * @param answer the class that stands for the Rust answer
   * @see JavaHandler#of
   */
  public static <A, R> JavaHandler<A, R> handler(
      Class<A> argument, Class<R> answer, Function<? super A, ? extends Mono<? extends R>> body) {
    Objects.requireNonNull(body, "a body is needed, a function that returns a Mono");
    return JavaHandler.answering(argument, answer, new MonoBody<>(body));
  }

  /**
   * Carries all that Micrometer's context-propagation library has accessors for, such as the MDC:
   * the thread locals of the caller of a call, and for a Mono what the Context of its subscriber
   * has under their keys, which comes first. Needs that library on the class path.
   *
   * <pre>{@code
   * ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
   * NativeRuntime.builder(library).context(ReactorBridge.contextPropagation()).build();
   * }</pre>
   *
   * <p>Without it a Mono's operators still have what {@link
   * reactor.core.publisher.Hooks#enableAutomaticContextPropagation} gives them.
   */
  public static ContextCarrier contextPropagation() {
    return MicrometerContext.INSTANCE;
  }

  /**
   * A Scheduler whose tasks run on {@code loop}. A task scheduled on the loop itself runs at once,
   * inside {@code schedule}, unless many are nested that way; the tasks of one worker run in the
   * order in which they were scheduled. Delays are kept by the loop itself if it is a {@link
   * dev.loopbridge.NettyLoop}, else by {@link Schedulers#parallel()}.
   *
   * <p>The Scheduler never shuts the loop down: disposing it cancels the tasks scheduled through
   * it, and no others. When the loop is gone it rejects tasks.
   *
   * <pre>{@code
   * flux.publishOn(ReactorBridge.scheduler(NettyLoop.of(channel.eventLoop())))
   * }</pre>
   */
  public static Scheduler scheduler(OwnerLoop loop) {
    Objects.requireNonNull(loop, "an owner loop is needed");
    return new OwnerLoopScheduler(loop);
  }

  /**
   * The owner loop that stands for {@code scheduler}, which must run its tasks on one thread, as
   * {@link Schedulers#newSingle(String)}, {@link Schedulers#single()} and {@code
   * Schedulers.fromExecutorService} over one thread do.
   *
   * <p>The loop ends with the Scheduler: when its thread is gone and it takes no more tasks, calls
   * in flight fail with {@link dev.loopbridge.OwnerGoneException}. While a runtime is bound to the
   * loop, a daemon thread waits for that end.
   *
   * <p>A Scheduler that does not report its number of threads, such as one over an executor, is
   * taken to have one thread. If it turns out to have several, the loop's tasks wait for one
   * another, which is logged; and only those tasks count as being on the loop.
   *
   * @throws IllegalArgumentException if the Scheduler has several threads or none of its own
   */
  public static OwnerLoop loop(Scheduler scheduler) {
    Objects.requireNonNull(scheduler, "a scheduler is needed, such as Schedulers.newSingle(name)");
    return scheduler instanceof OwnerLoopScheduler of ? of.loop() : SchedulerLoop.of(scheduler);
  }
}
