package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

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

  private static final long SHUTDOWN_MILLIS = 1_000;
  private static final long LOOPS_MILLIS = 5_000;
  private static final long GRACE_POLL_NANOS = 1_000_000;
  private static final long CLOSER_RETRY_MILLIS = 100;
  private static final int RECENT_PORTS = 16;

  private final NativeLibrary library;
  private final int maxInFlight;
  private final int maxPayloadBytes;
  private final long drainBudgetNanos;
  private final long lingerNanos;
  private final String threadName;
  private final ContextCarrier context;
  private final long handle;
  private final DefaultEventExecutor defaultExecutor;
  private final NettyLoop defaultLoop;
  private final Thread shutdownHook;
  private final Map<OwnerLoop, Port> ports = new ConcurrentHashMap<>();

  /** Some of them by the identity of their loop, which is found sooner than its equal. */
  private final AtomicReferenceArray<Port> recentPorts = new AtomicReferenceArray<>(RECENT_PORTS);

  private final UnequalLoops unequalLoops = new UnequalLoops();
  private final LoopWatch loopWatch = new LoopWatch(ports.values());
  private final Map<String, Integer> cancelled = new ConcurrentHashMap<>();
  private final Map<String, Integer> lost = new ConcurrentHashMap<>();
  private final Set<Port> endedPorts = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<CloseReport> closed = LoopStage.waitedForOff(null);
  private final long[] forgottenCounts = new long[PortCounters.COUNTERS];

  private volatile String closedBecause;
  private volatile boolean halting;
  private volatile Cleaner cleaner;

  private NativeRuntime(Builder builder) {
    library = builder.library;
    maxInFlight = builder.maxInFlight;
    maxPayloadBytes = builder.maxPayloadBytes;
    drainBudgetNanos = TimeUnit.NANOSECONDS.convert(builder.drainBudget);
    lingerNanos = TimeUnit.NANOSECONDS.convert(builder.linger);
    threadName = builder.threadName;
    context = builder.context;
    defaultExecutor =
        new DefaultEventExecutor(new DefaultThreadFactory(threadName + "-default", true));
    defaultLoop = NettyLoop.of(defaultExecutor);
    shutdownHook =
        new ShutdownHook(this, threadName, closed, builder.shutdownGrace, builder.ownerCloses);
    BackgroundThread.prepare();
    handle =
        Native.runtimeOpen(
            library.number(),
            builder.workerThreads,
            builder.blockingThreads,
            lingerNanos,
            builder.threadName);
    try {
      startDefaultLoop();
      addShutdownHook();
    } catch (Throwable e) {
      undoOpen(e);
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
  private void undoOpen(Throwable why) {
    try {
      Native.runtimeShutdown(library.number(), handle, SHUTDOWN_MILLIS);
      defaultExecutor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    } catch (Throwable e) { // such as when the thread of the default loop does not start
      why.addSuppressed(e);
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
    signature.check(result, arguments);
    return new NativeFunction<>(this, signature, result);
  }

  /** The port that binds {@code loop} to this runtime, opened when first asked for. */
  Port on(OwnerLoop loop) {
    if (loop == null) {
      throw new NullPointerException(
          "an owner loop is needed; NativeRuntime.currentLoop() names one");
    }
    int place = System.identityHashCode(loop) & (RECENT_PORTS - 1);
    Port recent = recentPorts.get(place);
    if (recent != null && recent.loop() == loop) {
      return recent;
    }
    Port port = ports.get(loop);
    port = port != null ? port : bind(loop);
    if (port.loop() == loop) {
      recentPorts.set(place, port);
      // Looked up again after the store: forget() removes the port in the other order.
      if (ports.get(loop) != port) {
        recentPorts.compareAndSet(place, port, null);
      }
    }
    return port;
  }

  /**
   * The same for a call whose target gets each failure: if the port cannot be opened, this returns
   * a refusing port, which fails the call on its loop.
   */
  Port onOrRefusing(OwnerLoop loop) {
    try {
      return on(loop);
    } catch (RuntimeException | Error e) {
      if (loop == null) {
        throw e;
      }
      boolean closedMeanwhile = e instanceof InvalidHandleException && isClosed();
      return Port.refusing(this, loop, closedMeanwhile ? closedException() : e);
    }
  }

  private Port bind(OwnerLoop loop) {
    Port port;
    // Under the lock, so that no port is opened after a close has listed the ports.
    synchronized (ports) {
      if (isClosed()) {
        return Port.refusing(this, loop);
      }
      port = ports.get(loop);
      if (port != null) {
        return port;
      }
      port = Port.open(this, loop);
      ports.put(loop, port);
    }
    try {
      port.watchLoop();
    } catch (RuntimeException | Error e) {
      ports.remove(loop, port);
      port.discard();
      throw e;
    }
    unequalLoops.bound(loop, ports.keySet());
    return port;
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
    long[] java;
    synchronized (forgottenCounts) {
      java = forgottenCounts.clone();
      ports.values().forEach(port -> port.addCounts(java));
    }
    long[] rust = new long[RustCounter.COUNT];
    Native.runtimeCounters(library.number(), handle, rust);
    return new RuntimeMetrics(java, rust);
  }

  /** Returns whether it is closing or closed. */
  public boolean isClosed() {
    return closedBecause != null;
  }

  /**
   * Drops every Rust future and settles its call with {@link RuntimeClosedException}. Off the loops
   * this waits until all loops have settled their calls, within bounds; on a loop it only begins,
   * since that loop has settling to do itself.
   */
  @Override
  public void close() {
    boolean mayWait = !Blocking.isOnLoop() && heldLoop() == null;
    CompletableFuture<CloseReport> closing = begin(Duration.ZERO, mayWait);
    if (mayWait) {
      await(closing, Duration.ZERO);
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
    Blocking.refuseOnLoop("NativeRuntime.close(Duration)", heldLoop());
    return await(begin(grace, true), grace);
  }

  /** {@link #close(Duration)} without waiting. */
  public CompletionStage<CloseReport> closeAsync(Duration grace) {
    return begin(grace, false).minimalCompletionStage();
  }

  /** A loop that has to settle calls of this runtime and cannot while the caller waits, or null. */
  private OwnerLoop heldLoop() {
    return ports.keySet().stream().filter(OwnerLoop::isHeldByCaller).findFirst().orElse(null);
  }

  private CompletableFuture<CloseReport> begin(Duration grace, boolean mayWait) {
    if (grace == null) {
      throw new NullPointerException("a grace is needed; Duration.ZERO cancels at once");
    }
    requireNotNegative("grace", grace);
    boolean first;
    synchronized (ports) {
      first = !isClosed();
      if (first) {
        closedBecause = "it was closed";
      }
    }
    if (first) {
      startCloser(grace, mayWait);
    }
    return closed;
  }

  /** Closes on a thread; if none starts, closes on the caller if it waits, else tries again. */
  private void startCloser(Duration grace, boolean mayWait) {
    Thread closer = new Thread(() -> shutDown(grace), threadName + "-close");
    closer.setDaemon(true);
    try {
      closer.start();
    } catch (OutOfMemoryError e) { // the JVM throws it if the system has no thread left
      if (mayWait) {
        shutDown(grace);
      } else {
        defaultExecutor.schedule(
            () -> startCloser(grace, false), CLOSER_RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Runs on a thread of its own: dropping Rust futures may take as long as one poll of them. */
  private void shutDown(Duration grace) {
    try {
      awaitCalls(grace);
      List<Port> open = new ArrayList<>(ports.values());
      int stillRunning = Native.runtimeShutdown(library.number(), handle, SHUTDOWN_MILLIS);
      List<String> unresponsive = awaitPorts(open);
      defaultExecutor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
      removeShutdownHook();
      loopWatch.end();
      closed.complete(new CloseReport(cancelled, stillRunning, unresponsive, lost));
      endedPorts.clear(); // so that a reference to the closed runtime keeps no ring memory
    } catch (RuntimeException | Error e) {
      closed.completeExceptionally(e);
    }
  }

  private static void requireNotNegative(String name, Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException(name + " is " + grace + ", expected zero or more");
    }
  }

  private void awaitCalls(Duration atMost) {
    long start = System.nanoTime();
    long nanos =
        TimeUnit.NANOSECONDS.convert(atMost); // a longer time becomes the longest that fits
    while (metrics().liveCalls() > 0 && System.nanoTime() - start < nanos) {
      LockSupport.parkNanos(GRACE_POLL_NANOS);
    }
  }

  private List<String> awaitPorts(List<Port> open) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOPS_MILLIS);
    synchronized (endedPorts) {
      while (!endedPorts.containsAll(open)) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          break;
        }
        try {
          endedPorts.wait(left);
        } catch (InterruptedException e) {
          break; // only a JVM that is about to end interrupts this thread
        }
      }
      return open.stream()
          .filter(port -> !endedPorts.contains(port))
          .map(port -> port.loop().toString())
          .toList();
    }
  }

  private CloseReport await(CompletableFuture<CloseReport> closing, Duration grace) {
    long graceMillis = Math.min(TimeUnit.MILLISECONDS.convert(grace), Long.MAX_VALUE / 2);
    long millis = graceMillis + SHUTDOWN_MILLIS + 2 * LOOPS_MILLIS;
    try {
      return closing.get(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new CloseReport(cancelled, 0, List.of(), lost);
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("the runtime did not close", e);
    }
  }

  /**
   * Ends the runtime with its JVM: upcalls stop, and what loops still wait for is settled from this
   * side. A {@link #close()} in another shutdown hook has nothing left to wait for after that.
   */
  void halt() {
    synchronized (ports) {
      if (!isClosed()) {
        closedBecause = "the JVM is shutting down";
      }
    }
    halting = true;
    Native.gateClose(library.number(), handle);
    ports.values().forEach(Port::endOnShutdown);
    closed.complete(new CloseReport(cancelled, 0, List.of(), lost));
  }

  private void removeShutdownHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is going down already and runs the hook.
    }
  }

  // For the ports.

  int library() {
    return library.number();
  }

  long handle() {
    return handle;
  }

  int maxInFlight() {
    return maxInFlight;
  }

  int maxPayloadBytes() {
    return maxPayloadBytes;
  }

  LoopWatch loopWatch() {
    return loopWatch;
  }

  /** The carrier of context; null if none is to be carried. */
  ContextCarrier context() {
    return context;
  }

  /** Returns whether the JVM is going down, so that no worker can bring a drain any more. */
  boolean isHalting() {
    return halting;
  }

  /** Reports objects of Rust's that were not closed; its thread ends with its last object. */
  Cleaner cleaner() {
    Cleaner made = cleaner;
    if (made == null) {
      synchronized (ports) {
        made = cleaner == null ? cleaner = Cleaner.create() : cleaner;
      }
    }
    return made;
  }

  long drainBudgetNanos() {
    return drainBudgetNanos;
  }

  long lingerNanos() {
    return lingerNanos;
  }

  RuntimeClosedException closedException() {
    return new RuntimeClosedException(
        this + " takes and settles no calls, since " + closedBecause + "; open another runtime");
  }

  void countCancelled(Signature function) {
    count(cancelled, function);
  }

  /** A place in flight was found taken when Rust had no call left. */
  void countLost(Signature function) {
    count(lost, function);
  }

  private static void count(Map<String, Integer> counts, Signature function) {
    try {
      counts.merge(function.name, 1, Integer::sum);
    } catch (OutOfMemoryError e) {
      // A call that is not counted must still settle.
    }
  }

  /** Returns whether Rust has no call, loop-driven ones among them, and no memory that was lent. */
  boolean isRustIdle() {
    long[] rust = new long[RustCounter.COUNT];
    Native.runtimeCounters(library.number(), handle, rust);
    return RustCounter.CALLS_BEGUN.in(rust) == RustCounter.CALLS_FINISHED.in(rust)
        && RustCounter.LIVE_TASKS.in(rust) == 0
        && RustCounter.LIVE_LOCAL_FUTURES.in(rust) == 0
        && RustCounter.LIVE_LEASES.in(rust) == 0;
  }

  Signature signature(int function) {
    return library.signature(function);
  }

  /** The port has settled all its calls after the runtime's end. */
  void portEnded(Port port) {
    synchronized (endedPorts) {
      if (!closed.isDone()) {
        endedPorts.add(port);
        endedPorts.notifyAll();
      }
    }
  }

  /** The port has no use any more; its counts live on. */
  void forget(Port port) {
    synchronized (forgottenCounts) {
      if (ports.remove(port.loop(), port)) {
        port.addCounts(forgottenCounts);
      }
    }
    for (int place = 0; place < RECENT_PORTS; place++) {
      recentPorts.compareAndSet(place, port, null);
    }
    if (isClosed()) {
      portEnded(port);
    }
  }

  @Override
  public String toString() {
    return "NativeRuntime(" + library.name() + ", " + threadName + ")";
  }

  /** Configures a runtime. */
  public static final class Builder {

    private static final int LARGEST_IN_FLIGHT = 1 << 21;
    private static final Duration LONGEST_LINGER = Duration.ofMillis(1);

    private final NativeLibrary library;
    private int workerThreads = Runtime.getRuntime().availableProcessors();
    private int blockingThreads = 512;
    private int maxInFlight = 4_096;
    private int maxPayloadBytes = 64 << 20;
    private Duration drainBudget = Duration.ofMillis(1);
    private Duration linger = Duration.ofNanos(5_000);
    private Duration shutdownGrace = Duration.ZERO;
    private boolean ownerCloses;
    private String threadName;
    private ContextCarrier context;

    private Builder(NativeLibrary library) {
      if (library == null) {
        throw new NullPointerException("a library is needed; NativeLibrary.load(name) loads one");
      }
      this.library = library;
      this.threadName = "loopbridge-" + library.name();
    }

    /** Tokio's worker threads; by default one for each processor. */
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
     * How long a loop that waits for answers, and the dispatcher that waits for calls, look again
     * before they let themselves be woken through the kernel, which costs far more than most
     * answers take; by default 5 microseconds. Each tries it the more seldom the more often it was
     * in vain. Zero turns it off; more than a millisecond is of no use and is refused.
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
      requireNotNegative("shutdownGrace", grace);
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
