package dev.loopbridge;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The ports of one runtime, one for each loop, and what all of them ask it and report to it. Any
 * thread.
 */
final class RuntimePorts implements RuntimeSide {

  private static final int RECENT_PORTS = 16;

  private final Object owner;
  private final UnaryOperator<Runnable> carrying;
  private final PortConfig config;
  private final Map<OwnerLoop, Port> ports = new ConcurrentHashMap<>();

  /** Some of them by the identity of their loop, which is found sooner than its equal. */
  private final AtomicReferenceArray<Port> recentPorts = new AtomicReferenceArray<>(RECENT_PORTS);

  private final UnequalLoops unequalLoops = new UnequalLoops();
  private final LoopWatch loopWatch = new LoopWatch(this::open);
  private final Map<String, Integer> cancelled = new ConcurrentHashMap<>();
  private final Map<String, Integer> lost = new ConcurrentHashMap<>();
  private final Set<PortState> endedPorts = ConcurrentHashMap.newKeySet();
  private final long[] forgottenCounts = new long[PortCounters.COUNTERS];

  private final AtomicLong forgottenObjects = new AtomicLong();

  private volatile @Nullable String closedBecause;
  private volatile boolean halting;
  private volatile boolean ended;
  private volatile @Nullable Cleaner cleaner;

  /**
   * @param owner the runtime, whose name the messages of its ports have
   * @param carrying puts a task into the context that the caller is in
   */
  RuntimePorts(Object owner, UnaryOperator<Runnable> carrying, PortConfig config) {
    this.owner = owner;
    this.carrying = carrying;
    this.config = config;
  }

  PortConfig config() {
    return config;
  }

  /** The port that binds {@code loop} to the runtime, opened when first asked for. */
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
      return refusing(loop, closedMeanwhile ? closedException() : e);
    }
  }

  /** A port that fails each call with {@code refusal}, or null for that of a closed runtime. */
  Port refusing(OwnerLoop loop, @Nullable Throwable refusal) {
    return Port.refusing(config, this, loop, refusal);
  }

  private Port bind(OwnerLoop loop) {
    Port port;
    // Under the lock, so that no port is opened after a close has listed the ports.
    synchronized (ports) {
      if (isClosed()) {
        return refusing(loop, null);
      }
      port = ports.get(loop);
      if (port != null) {
        return port;
      }
      port = Port.open(config, this, loop);
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

  /** The ports that are open now. */
  List<PortState> open() {
    List<PortState> states = new ArrayList<>();
    ports.values().forEach(port -> states.add(port.state));
    return states;
  }

  /** The counts of the runtime; also after it was closed. */
  RuntimeMetrics metrics() {
    long[] java;
    synchronized (forgottenCounts) {
      java = forgottenCounts.clone();
      ports.values().forEach(port -> port.state.addCounts(java));
    }
    java[PortCounters.FORGOTTEN] = forgottenObjects.get();
    return new RuntimeMetrics(java, rustCounts());
  }

  private long[] rustCounts() {
    long[] rust = new long[RustCounter.COUNT];
    Native.runtimeCounters(config.library(), config.runtime(), rust);
    return rust;
  }

  /** A loop that has to settle calls of the runtime and cannot while the caller waits, or null. */
  @Nullable OwnerLoop heldLoop() {
    return ports.keySet().stream().filter(OwnerLoop::isHeldByCaller).findFirst().orElse(null);
  }

  // The end.

  /** Refuses new calls and ports; returns whether this was the first close. */
  boolean close(String because) {
    synchronized (ports) {
      boolean first = !isClosed();
      if (first) {
        closedBecause = because;
      }
      return first;
    }
  }

  /** Has what the loops still wait for settled from this side, since the JVM is going down. */
  void halt() {
    halting = true;
    Native.gateClose(config.library(), config.runtime());
    ports.values().forEach(Port::endOnShutdown);
  }

  /** Waits until these ports have ended; returns the names of the loops of those that have not. */
  List<String> awaitEnd(List<PortState> open, long atMostMillis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMillis);
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
          .map(port -> port.loop.toString())
          .toList();
    }
  }

  /** Makes the report of a close. */
  CloseReport report(int stillRunning, List<String> unresponsive) {
    return new CloseReport(cancelled, stillRunning, unresponsive, lost);
  }

  /** Ends the watch, and keeps no port any more, so that a closed runtime keeps no ring memory. */
  void end() {
    loopWatch.end();
    synchronized (endedPorts) {
      ended = true;
      endedPorts.clear();
    }
  }

  // For the ports.

  @Override
  public Runnable carrying(Runnable task) {
    return carrying.apply(task);
  }

  @Override
  public boolean isClosed() {
    return closedBecause != null;
  }

  @Override
  public boolean isHalting() {
    return halting;
  }

  @Override
  public boolean isRustIdle() {
    long[] rust = rustCounts();
    return RustCounter.CALLS_BEGUN.in(rust) == RustCounter.CALLS_FINISHED.in(rust)
        && RustCounter.LIVE_TASKS.in(rust) == 0
        && RustCounter.LIVE_LOCAL_FUTURES.in(rust) == 0
        && RustCounter.LIVE_LEASES.in(rust) == 0;
  }

  @Override
  public RuntimeClosedException closedException() {
    return new RuntimeClosedException(
        this + " takes and settles no calls, since " + closedBecause + "; open another runtime");
  }

  @Override
  public void countCancelled(Signature function) {
    count(cancelled, function);
  }

  @Override
  public void countLost(Signature function) {
    count(lost, function);
  }

  @Override
  public void countForgotten() {
    forgottenObjects.incrementAndGet();
  }

  private static void count(Map<String, Integer> counts, Signature function) {
    try {
      counts.merge(function.name, 1, Integer::sum);
    } catch (OutOfMemoryError e) {
      // A call that is not counted must still settle.
    }
  }

  @Override
  public void drainWaits() {
    loopWatch.drainWaits();
  }

  @Override
  public Cleaner cleaner() {
    Cleaner made = cleaner;
    if (made == null) {
      synchronized (ports) {
        made = cleaner == null ? cleaner = Cleaner.create() : cleaner;
      }
    }
    return made;
  }

  @Override
  public void portEnded(PortState port) {
    synchronized (endedPorts) {
      if (!ended) {
        endedPorts.add(port);
        endedPorts.notifyAll();
      }
    }
  }

  @Override
  public void forget(PortState state) {
    Port port = ports.get(state.loop);
    if (port != null && port.state == state) {
      synchronized (forgottenCounts) {
        if (ports.remove(state.loop, port)) {
          state.addCounts(forgottenCounts);
        }
      }
      for (int place = 0; place < RECENT_PORTS; place++) {
        recentPorts.compareAndSet(place, port, null);
      }
    }
    if (isClosed()) {
      portEnded(state);
    }
  }

  /** As its runtime, so that a message names that. */
  @Override
  public String toString() {
    return owner.toString();
  }
}
