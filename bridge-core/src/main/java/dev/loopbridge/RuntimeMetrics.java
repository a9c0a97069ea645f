package dev.loopbridge;

/**
 * One look at a runtime's counters. Each count is exact by itself; counts of a runtime at work need
 * not be of one moment. When nothing is in flight the {@code live} ones are zero.
 *
 * @param liveCalls calls the Java side still waits for, or whose memory Rust still holds
 * @param submissions records submitted, calls and cancels
 * @param completions records drained
 * @param wakes upcalls that put a drain on a loop
 * @param drains loop tasks that drained
 * @param doorbells downcalls that woke a parked dispatcher
 * @param ownerGone calls that failed because their loop had shut down
 * @param lendingCalls calls that lend memory to Rust
 * @param heldObjects handlers, objects and what handlers threw, for as long as Rust holds them
 * @param liveInvocations handlers' invocations that have no answer yet
 * @param liveTasks Tokio tasks that run calls
 * @param tasksSpawned Tokio tasks spawned so far
 * @param readyAtFirstPoll calls that settled without becoming a task
 * @param blockingSpawned calls that went to the blocking pool, and code that Rust functions put
 *     there by {@code loopbridge::spawn_blocking}
 * @param callsBegun calls Rust took up
 * @param callsFinished calls Rust ended
 * @param panics panics caught, in poll or in drop
 * @param cancelsApplied cancels that reached a live Rust future
 * @param livePayloads results in native memory not yet released
 * @param livePayloadBytes their size in bytes
 * @param liveLeases lent byte arguments that Rust still holds
 * @param globalReferences JNI global references taken for this runtime
 * @param attachedThreads threads of this runtime attached to the JVM
 * @param livePorts ports with a native half
 * @param liveLocalFutures loop-driven futures
 * @param localPolls polls of loop-driven futures
 * @param liveLocalObjects Rust objects that Java holds
 * @param blockingRunning how much of it runs
 * @param blockingQueued how much of it waits for a thread
 * @param blockingAbandoned how much of what runs has nobody who waits for it, since its call was
 *     cancelled or has ended; nothing stops it from outside
 */
public record RuntimeMetrics(
    long liveCalls,
    long submissions,
    long completions,
    long wakes,
    long drains,
    long doorbells,
    long ownerGone,
    long lendingCalls,
    long heldObjects,
    long liveInvocations,
    long liveTasks,
    long tasksSpawned,
    long readyAtFirstPoll,
    long blockingSpawned,
    long callsBegun,
    long callsFinished,
    long panics,
    long cancelsApplied,
    long livePayloads,
    long livePayloadBytes,
    long liveLeases,
    long globalReferences,
    long attachedThreads,
    long livePorts,
    long liveLocalFutures,
    long localPolls,
    long liveLocalObjects,
    long blockingRunning,
    long blockingQueued,
    long blockingAbandoned) {

  static RuntimeMetrics of(long[] java, long[] rust) {
    return new RuntimeMetrics(
        java[PortCounters.LIVE],
        java[PortCounters.SUBMITTED],
        java[PortCounters.COMPLETED],
        java[PortCounters.WAKES],
        java[PortCounters.DRAINS],
        java[PortCounters.DOORBELLS],
        java[PortCounters.OWNER_GONE],
        java[PortCounters.LENDING],
        java[PortCounters.HELD],
        java[PortCounters.INVOCATIONS],
        RustCounter.LIVE_TASKS.in(rust),
        RustCounter.TASKS_SPAWNED.in(rust),
        RustCounter.READY_AT_FIRST_POLL.in(rust),
        RustCounter.BLOCKING_SPAWNED.in(rust),
        RustCounter.CALLS_BEGUN.in(rust),
        RustCounter.CALLS_FINISHED.in(rust),
        RustCounter.PANICS.in(rust),
        RustCounter.CANCELS_APPLIED.in(rust),
        RustCounter.LIVE_PAYLOADS.in(rust),
        RustCounter.LIVE_PAYLOAD_BYTES.in(rust),
        RustCounter.LIVE_LEASES.in(rust),
        RustCounter.GLOBAL_REFS.in(rust),
        RustCounter.ATTACHED_THREADS.in(rust),
        RustCounter.LIVE_PORTS.in(rust),
        RustCounter.LIVE_LOCAL_FUTURES.in(rust),
        RustCounter.LOCAL_POLLS.in(rust),
        RustCounter.LIVE_LOCAL_OBJECTS.in(rust),
        RustCounter.BLOCKING_RUNNING.in(rust),
        RustCounter.BLOCKING_QUEUED.in(rust),
        RustCounter.BLOCKING_ABANDONED.in(rust));
  }
}
