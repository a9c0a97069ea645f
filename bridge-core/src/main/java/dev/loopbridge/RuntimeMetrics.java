package dev.loopbridge;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * One look at a runtime's counters. Each count is exact by itself; counts of a runtime at work need
 * not be of one moment. When nothing is in flight the {@code live} ones are zero. Immutable; later
 * releases add further counters.
 *
 * <pre>{@code
 * gauge("live_calls", runtime.metrics().liveCalls());
 * }</pre>
 */
public final class RuntimeMetrics {

  private final long[] java;
  private final long[] rust;

  /**
   * @param java by the numbers of {@link PortCounters}
   * @param rust by the numbers of {@link RustCounter}
   */
  RuntimeMetrics(long[] java, long[] rust) {
    this.java = java;
    this.rust = rust;
  }

  /** Calls the Java side still waits for, or whose memory Rust still holds. */
  public long liveCalls() {
    return java[PortCounters.LIVE];
  }

  /** Records submitted, calls and cancels. */
  public long submissions() {
    return java[PortCounters.SUBMITTED];
  }

  /** Records drained. */
  public long completions() {
    return java[PortCounters.COMPLETED];
  }

  /** Upcalls that put a drain on a loop. */
  public long wakes() {
    return java[PortCounters.WAKES];
  }

  /** Loop tasks that drained. */
  public long drains() {
    return java[PortCounters.DRAINS];
  }

  /** Downcalls that woke a parked dispatcher. */
  public long doorbells() {
    return java[PortCounters.DOORBELLS];
  }

  /** Calls that failed because their loop had shut down. */
  public long ownerGone() {
    return java[PortCounters.OWNER_GONE];
  }

  /** Calls that lend memory to Rust, or use an object that all loops may use. */
  public long lendingCalls() {
    return java[PortCounters.LENDING];
  }

  /** Handlers, objects and what handlers threw, for as long as Rust holds them. */
  public long heldObjects() {
    return java[PortCounters.HELD];
  }

  /** Handlers' invocations that have no answer yet. */
  public long liveInvocations() {
    return java[PortCounters.INVOCATIONS];
  }

  /** Tokio tasks that run calls. */
  public long liveTasks() {
    return RustCounter.LIVE_TASKS.in(rust);
  }

  /** Tokio tasks spawned so far. */
  public long tasksSpawned() {
    return RustCounter.TASKS_SPAWNED.in(rust);
  }

  /** Calls that settled without becoming a task. */
  public long readyAtFirstPoll() {
    return RustCounter.READY_AT_FIRST_POLL.in(rust);
  }

  /**
   * Calls that went to the blocking pool, and code that Rust functions put there by {@code
   * loopbridge::spawn_blocking}.
   */
  public long blockingSpawned() {
    return RustCounter.BLOCKING_SPAWNED.in(rust);
  }

  /** Calls Rust took up. */
  public long callsBegun() {
    return RustCounter.CALLS_BEGUN.in(rust);
  }

  /** Calls Rust ended. */
  public long callsFinished() {
    return RustCounter.CALLS_FINISHED.in(rust);
  }

  /** Panics caught, in poll or in drop. */
  public long panics() {
    return RustCounter.PANICS.in(rust);
  }

  /** Cancels that reached a live Rust future. */
  public long cancelsApplied() {
    return RustCounter.CANCELS_APPLIED.in(rust);
  }

  /** Results in native memory not yet released. */
  public long livePayloads() {
    return RustCounter.LIVE_PAYLOADS.in(rust);
  }

  /** The size in bytes of the results in native memory not yet released. */
  public long livePayloadBytes() {
    return RustCounter.LIVE_PAYLOAD_BYTES.in(rust);
  }

  /** Lent byte arguments that Rust still holds. */
  public long liveLeases() {
    return RustCounter.LIVE_LEASES.in(rust);
  }

  /** JNI global references taken for this runtime. */
  public long globalReferences() {
    return RustCounter.GLOBAL_REFS.in(rust);
  }

  /** Threads of this runtime attached to the JVM. */
  public long attachedThreads() {
    return RustCounter.ATTACHED_THREADS.in(rust);
  }

  /** Ports with a native half. */
  public long livePorts() {
    return RustCounter.LIVE_PORTS.in(rust);
  }

  /** Loop-driven futures. */
  public long liveLocalFutures() {
    return RustCounter.LIVE_LOCAL_FUTURES.in(rust);
  }

  /** Polls of loop-driven futures. */
  public long localPolls() {
    return RustCounter.LOCAL_POLLS.in(rust);
  }

  /** Rust objects of one loop's that Java holds. */
  public long liveLocalObjects() {
    return RustCounter.LIVE_LOCAL_OBJECTS.in(rust);
  }

  /** Rust objects that all loops may use, and that Java has not closed. */
  public long liveSharedObjects() {
    return RustCounter.LIVE_SHARED_OBJECTS.in(rust);
  }

  /**
   * Rust objects, of one loop's or of all loops', that became unreachable without having been
   * closed. Each was logged, with the place that made it.
   */
  public long forgottenObjects() {
    return java[PortCounters.FORGOTTEN];
  }

  /** The number of tasks of the blocking pool that run. */
  public long blockingRunning() {
    return RustCounter.BLOCKING_RUNNING.in(rust);
  }

  /** The number of tasks of the blocking pool that wait for a thread. */
  public long blockingQueued() {
    return RustCounter.BLOCKING_QUEUED.in(rust);
  }

  /**
   * How much of the work that runs on the blocking pool has no caller that waits, since its call
   * was cancelled or has ended; nothing stops it from outside.
   */
  public long blockingAbandoned() {
    return RustCounter.BLOCKING_ABANDONED.in(rust);
  }

  /** Name and value of each counter, by name, for logs. */
  @Override
  public String toString() {
    return Arrays.stream(RuntimeMetrics.class.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> method.getReturnType() == long.class)
        .sorted(Comparator.comparing(Method::getName))
        .map(counter -> counter.getName() + "=" + value(counter))
        .collect(Collectors.joining(", ", "RuntimeMetrics[", "]"));
  }

  private Object value(Method counter) {
    try {
      return counter.invoke(this);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // each is public and only reads a field
    }
  }
}
