package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Tokio runtime and the ports that bind event loops to it. Several may be open at once, of one
 * library or of several. All methods may be called on any thread.
 *
 * <pre>{@code
 * try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("thumbnails"))) {
 *   NativeFunction<ByteBuf> resize = runtime.function("resize", ByteBuf.class, ByteBuf.class, int.class);
 *   ...
 * }
 * }</pre>
 *
 * <p>A runtime has to be closed; until then its threads, daemons all, and its native memory stay.
 * When the JVM shuts down the runtime ends at once, with all its calls in flight, unless its
 * builder leaves the close to its owner ({@link Builder#closedByOwner}) or sets how long it goes on
 * ({@link Builder#shutdownGrace}).
 */
public final class NativeRuntime implements AutoCloseable {

  private final NativeLibrary library;
  private final String threadName;
  private final @Nullable ContextCarrier context;
  private final DefaultEventExecutor defaultExecutor;
  private final NettyLoop defaultLoop;
  private final RuntimeClose close;
  private final Thread shutdownHook;

  /** The ports of this runtime. */
  final RuntimePorts ports;

  private NativeRuntime(Builder builder) {
    library = builder.library;
    threadName = builder.threadName;
    context = builder.context;
    defaultExecutor =
        new DefaultEventExecutor(new DefaultThreadFactory(threadName + "-default", true));
    defaultLoop = NettyLoop.of(defaultExecutor);
    BackgroundThread.prepare();
    long lingerNanos = TimeUnit.NANOSECONDS.convert(builder.linger);
    long handle =
        Native.runtimeOpen(
            library.number(),
            builder.workerThreads,
            builder.blockingThreads,
            lingerNanos,
            threadName);
    try {
      ports =
          new RuntimePorts(
              this,
              this::carrying,
              new PortConfig(
                  library.number(),
                  handle,
                  builder.maxInFlight,
                  builder.maxPayloadBytes,
                  TimeUnit.NANOSECONDS.convert(builder.drainBudget),
                  lingerNanos,
                  library.signatures()));
      close = new RuntimeClose(ports, threadName, defaultExecutor, this::endThreads);
      shutdownHook =
          new ShutdownHook(
              this,
              close::halt,
              threadName,
              close.closed(),
              builder.shutdownGrace,
              builder.ownerCloses);
      startDefaultLoop();
      addShutdownHook();
    } catch (Throwable e) {
      undoOpen(handle, e);
      throw e;
    }
  }

  /** A loop whose thread cannot start would let calls wait for it in silence. */
  private void startDefaultLoop() {
    try {
      defaultExecutor.execute(() -> {});
    } catch (OutOfMemoryError e) {
      throw SystemLimitException.noThread("the runtime's default loop", e);
    }
  }

  private void addShutdownHook() {
    try {
      Runtime.getRuntime().addShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      throw new RuntimeClosedException(
          "no runtime of "
              + library.name()
              + " can be opened, since the JVM is shutting down; open it before",
          e);
    }
  }

  /** Ends the threads of a runtime whose opening has failed. */
  private void undoOpen(long handle, Throwable why) {
    try {
      Native.runtimeShutdown(library.number(), handle, RuntimeClose.SHUTDOWN_MILLIS);
      defaultExecutor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    } catch (Throwable e) { // such as when the thread of the default loop does not start
      why.addSuppressed(e);
    }
  }

  /** Ends the default loop and the hook of a runtime that has closed. */
  private void endThreads() {
    defaultExecutor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is going down already and runs the hook.
    }
  }

  /** Opens a runtime with the defaults of {@link Builder}. */
  public static NativeRuntime create(NativeLibrary library) {
    return builder(library).build();
  }

  /** Starts the configuration of a runtime. */
  public static Builder builder(NativeLibrary library) {
    return new Builder(library);
  }

  /**
   * Looks a function up. Look it up once and keep it.
   *
   * @param result the Java class of the result; {@code Void.class} for {@code ()}, a record with a
   *     component for each part for a tuple
   * @param arguments the Java classes of the arguments; primitive classes will do where the Rust
   *     type is no {@code Option}, and smaller numbers where none is lost: {@code int.class} for an
   *     {@code i64} or an {@code f64}
   * @throws UnknownFunctionException if the library has no such function
   * @throws SignatureMismatchException if the classes do not stand for the Rust types
   */
  public <R> NativeFunction<R> function(String name, Class<R> result, Class<?>... arguments) {
    Signature signature = library.signature(name);
    JavaTypes.check(signature, result, arguments);
    return new NativeFunction<>(this, signature, result);
  }

  /** The library that it runs. */
  NativeLibrary library() {
    return library;
  }

  /** The port that binds {@code loop} to this runtime, opened when first asked for. */
  Port on(OwnerLoop loop) {
    return ports.on(loop);
  }

  /**
   * The loop that the caller is on, of Netty's or of a kind that a {@link LoopFinder} knows, or
   * else this runtime's own default loop.
   */
  public OwnerLoop currentLoop() {
    OwnerLoop current = LoopFinders.current();
    return current != null ? current : defaultLoop;
  }

  /** The loop for callers that are on none: one daemon thread, on which their calls settle. */
  OwnerLoop defaultLoop() {
    return defaultLoop;
  }

  /**
   * The task, to be run in the context that the caller is in now, if the runtime {@linkplain
   * Builder#context carries} one: for an adapter that settles a call, or runs a handler's body, in
   * a task of its own.
   */
  public Runnable carrying(Runnable task) {
    CarriedContext carried = CarriedContext.capture(context, null);
    return carried == null ? task : carried.around(task);
  }

  /** The counts of the runtime; also after it was closed. */
  public RuntimeMetrics metrics() {
    return ports.metrics();
  }

  /** Returns whether it is closing or closed. */
  public boolean isClosed() {
    return ports.isClosed();
  }

  /**
   * Drops every Rust future and settles its call with {@link RuntimeClosedException}. Off the loops
   * this waits until all loops have settled their calls, within bounds; on a loop it only begins,
   * since that loop has settling to do itself.
   */
  @Override
  public void close() {
    boolean mayWait = !Blocking.isOnLoop() && ports.heldLoop() == null;
    close.begin(Duration.ZERO, mayWait);
    if (mayWait) {
      close.await(Duration.ZERO);
    }
  }

  /**
   * Refuses new calls at once, gives those in flight time to settle, then closes like {@link
   * #close()}.
   *
   * @param grace how long calls in flight may take, zero or more
   * @return what was cancelled
   * @throws IllegalArgumentException if the grace is negative; nothing is closed then
   * @throws BlockingOnLoopException on an event loop; use {@link #closeAsync} there
   */
  public CloseReport close(Duration grace) {
    Blocking.refuseOnLoop("NativeRuntime.close(Duration)", ports.heldLoop());
    close.begin(grace, true);
    return close.await(grace);
  }

  /** {@link #close(Duration)} without waiting. */
  public CompletionStage<CloseReport> closeAsync(Duration grace) {
    return close.begin(grace, false).minimalCompletionStage();
  }

  /** The carrier of context; null if none is to be carried. */
  @Nullable ContextCarrier context() {
    return context;
  }

  @Override
  public String toString() {
    return "NativeRuntime(" + library.name() + ", " + threadName + ")";
  }

  /** Configures a runtime. */
  public static final class Builder {

    private static final int LARGEST_IN_FLIGHT = 1 << 21;
    private static final Duration LONGEST_LINGER = Duration.ofMillis(1);

    /**
     * Longer than most wakes through the kernel: a shorter look ends before the outcome is there.
     */
    private static final Duration LONG_ENOUGH = Duration.ofNanos(50_000);

    private final NativeLibrary library;
    private int workerThreads = Runtime.getRuntime().availableProcessors();
    private int blockingThreads = 512;
    private int maxInFlight = 4_096;
    private int maxPayloadBytes = 64 << 20;
    private Duration drainBudget = Duration.ofMillis(1);
    private Duration linger = ProcessorQuota.isTwoOrMore() ? LONG_ENOUGH : Duration.ZERO;
    private Duration shutdownGrace = Duration.ZERO;
    private boolean ownerCloses;
    private String threadName;
    private @Nullable ContextCarrier context;

    private Builder(NativeLibrary library) {
      if (library == null) {
        throw new NullPointerException("a library is needed; NativeLibrary.load(name) loads one");
      }
      this.library = library;
      this.threadName = "loopbridge-" + library.name();
    }

    /**
     * Tokio's worker threads; by default one for each processor. A runtime of more than one has one
     * further thread, which is woken for single calls after a rest.
     */
    public Builder workerThreads(int threads) {
      workerThreads = positive("workerThreads", threads, 1 << 10);
      return this;
    }

    /**
     * The most threads that run blocking functions; by default 512, as in Tokio. They start when
     * they are needed. A call that the system gives no thread waits for one that there is, and
     * fails with {@link SystemLimitException} if there is none.
     */
    public Builder blockingThreads(int threads) {
      blockingThreads = positive("blockingThreads", threads, 1 << 15);
      return this;
    }

    /** The beginning of the names of all its threads. */
    public Builder threadName(String name) {
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException(
            "threadName is blank; give it a name to find threads by");
      }
      threadName = name;
      return this;
    }

    /**
     * The most calls in flight on each loop, by default 4096; a call counts once, whatever it
     * passes.
     *
     * <p>A loop has places for its calls and for what Rust holds of it: nine for each call and 64
     * more, up to 4096, and never fewer than the calls. A call, a {@link LoopRef} and what a
     * handler threw take one, a handler one and one more for each invocation that it allows
     * {@linkplain JavaHandler#atOnce at a time}. A call that finds too few of them is refused in
     * the same way.
     *
     * <p>Each place takes at most 264 bytes of native memory. That memory is addresses until it is
     * used, is not counted against {@code -XX:MaxDirectMemorySize}, and is given back when the loop
     * or the runtime has ended. Where the system has no addresses left, the first call on a loop
     * fails with {@link NativeMemoryException}.
     */
    public Builder maxInFlight(int calls) {
      maxInFlight = positive("maxInFlight", calls, LARGEST_IN_FLIGHT);
      return this;
    }

    /**
     * The most bytes that the arguments, or the result, of one call may take; by default 64 MiB.
     */
    public Builder maxPayloadBytes(int bytes) {
      maxPayloadBytes = positive("maxPayloadBytes", bytes, Integer.MAX_VALUE);
      return this;
    }

    /**
     * How long one drain may hold its loop before it lets other tasks run; by default one
     * millisecond.
     */
    public Builder drainBudget(Duration budget) {
      if (budget == null || budget.isNegative() || budget.isZero()) {
        throw new IllegalArgumentException(
            "drainBudget is " + budget + ", expected more than zero");
      }
      drainBudget = budget;
      return this;
    }

    /**
     * How long a loop that waits for outcomes, and the dispatcher that waits for calls, look again
     * before they sleep: to be woken through the kernel costs far more than most outcomes take. By
     * default it is 50 microseconds; it is zero where the process has one processor, or is in a
     * container with a quota of less than two. Each side looks only while what it waits for has
     * come soon of late, yields its core between looks, and spends at most a tenth of its time on
     * looks in vain. Zero turns it off; more than a millisecond is of no use and is refused.
     */
    public Builder linger(Duration time) {
      if (time == null || time.isNegative() || time.compareTo(LONGEST_LINGER) > 0) {
        throw new IllegalArgumentException(
            "linger is " + time + ", expected zero to " + LONGEST_LINGER);
      }
      linger = time;
      return this;
    }

    /**
     * Leaves the close of this runtime to its owner, also when the JVM shuts down: a server or a
     * container that finishes its requests on SIGTERM first. Until the runtime is closed it goes on
     * as ever: calls start and settle, handlers run. Then the JVM ends without further delay.
     *
     * <p>{@link NativeRuntime#close()} may come from any shutdown hook, or from a thread that one
     * waits for. An owner that has not closed the runtime by the end of {@code atMost} is named in
     * a warning; what is in flight then settles with {@link RuntimeClosedException}.
     *
     * <p>This and {@link #shutdownGrace} replace one another.
     *
     * @param atMost how long the JVM waits for the close, counted from the beginning of its
     *     shutdown; more than zero, and longer than all that the owner does first may take
     * @throws IllegalArgumentException if it is null, zero or less
     */
    public Builder closedByOwner(Duration atMost) {
      if (atMost == null || atMost.isNegative() || atMost.isZero()) {
        throw new IllegalArgumentException(
            "closedByOwner is " + atMost + ", expected more than zero");
      }
      shutdownGrace = atMost;
      ownerCloses = true;
      return this;
    }

    /**
     * Sets how long a runtime without an owner that closes it goes on once the JVM shuts down; by
     * default not at all. The JVM ends after the whole of it, also if no call is in flight, since a
     * request may be between two calls. A runtime that was closed does not hold the JVM.
     *
     * <p>This and {@link #closedByOwner} replace one another.
     *
     * @throws IllegalArgumentException if it is null or less than zero
     */
    public Builder shutdownGrace(Duration grace) {
      if (grace == null) {
        throw new IllegalArgumentException("shutdownGrace is null, expected zero or more");
      }
      RuntimeClose.requireNotNegative("shutdownGrace", grace);
      shutdownGrace = grace;
      ownerCloses = false;
      return this;
    }

    /**
     * Sets the carrier that takes the context of a caller to the callbacks and handlers of its
     * calls; by default there is none.
     */
    public Builder context(ContextCarrier carrier) {
      if (carrier == null) {
        throw new NullPointerException("a carrier is needed; without one no context is carried");
      }
      context = carrier;
      return this;
    }

    /**
     * Opens the runtime.
     *
     * @throws SystemLimitException if the system has no thread left for its workers or its default
     *     loop
     * @throws RuntimeClosedException if the JVM is shutting down
     */
    public NativeRuntime build() {
      return new NativeRuntime(this);
    }

    private static int positive(String name, int value, int largest) {
      if (value < 1 || value > largest) {
        throw new IllegalArgumentException(name + " is " + value + ", expected 1 to " + largest);
      }
      return value;
    }
  }
}
