package dev.loopbridge.examples;

import dev.loopbridge.RuntimeMetrics;

/** The runtime's counters, each with its name and meaning, for Prometheus. */
final class BridgeMetrics {

  private BridgeMetrics() {}

  static void write(RuntimeMetrics metrics, PrometheusText text) {
    gauge(text, "live_calls", metrics.liveCalls(), "Calls that Java waits for or Rust still has.");
    gauge(text, "lending_calls", metrics.lendingCalls(), "Calls that lend memory to Rust.");
    gauge(text, "held_objects", metrics.heldObjects(), "Handlers and objects that Rust holds.");
    gauge(
        text,
        "live_invocations",
        metrics.liveInvocations(),
        "Invocations of Java handlers that Rust awaits.");
    counter(text, "submissions", metrics.submissions(), "Records sent to Rust.");
    counter(text, "completions", metrics.completions(), "Records received from Rust.");
    counter(text, "wakes", metrics.wakes(), "Upcalls that put a drain on a loop.");
    counter(text, "drains", metrics.drains(), "Loop tasks that drained.");
    counter(text, "doorbells", metrics.doorbells(), "Downcalls that woke a dispatcher.");
    counter(text, "owner_gone", metrics.ownerGone(), "Calls whose loop had shut down.");
    gauge(text, "live_tasks", metrics.liveTasks(), "Tokio tasks that run calls.");
    counter(text, "tasks_spawned", metrics.tasksSpawned(), "Tokio tasks spawned.");
    counter(
        text,
        "ready_at_first_poll",
        metrics.readyAtFirstPoll(),
        "Calls that settled without becoming a task.");
    counter(
        text,
        "blocking_spawned",
        metrics.blockingSpawned(),
        "Work that went to the threads for CPU-bound work.");
    gauge(text, "blocking_running", metrics.blockingRunning(), "Such work that runs.");
    gauge(text, "blocking_queued", metrics.blockingQueued(), "Such work that waits for a thread.");
    gauge(
        text,
        "blocking_abandoned",
        metrics.blockingAbandoned(),
        "Such work that still runs although its call has ended.");
    counter(text, "calls_begun", metrics.callsBegun(), "Calls Rust took up.");
    counter(text, "calls_finished", metrics.callsFinished(), "Calls Rust ended.");
    counter(text, "panics", metrics.panics(), "Panics caught in Rust.");
    counter(
        text, "cancels_applied", metrics.cancelsApplied(), "Cancels that reached a call in Rust.");
    gauge(text, "live_payloads", metrics.livePayloads(), "Results in native memory.");
    gauge(text, "live_payload_bytes", metrics.livePayloadBytes(), "Size of these in bytes.");
    gauge(text, "live_leases", metrics.liveLeases(), "Lent arguments that Rust still holds.");
    gauge(text, "global_references", metrics.globalReferences(), "JNI global references held.");
    gauge(text, "attached_threads", metrics.attachedThreads(), "Rust threads attached to the JVM.");
    gauge(text, "live_ports", metrics.livePorts(), "Event loops bound to the runtime.");
    gauge(text, "live_local_futures", metrics.liveLocalFutures(), "Loop-driven Rust futures.");
    counter(text, "local_polls", metrics.localPolls(), "Polls of loop-driven futures.");
    gauge(
        text,
        "live_local_objects",
        metrics.liveLocalObjects(),
        "Rust objects of one loop's that Java holds.");
    gauge(
        text,
        "live_shared_objects",
        metrics.liveSharedObjects(),
        "Rust objects of all loops' that Java holds.");
    counter(
        text, "forgotten_objects", metrics.forgottenObjects(), "Rust objects that nobody closed.");
  }

  private static void gauge(PrometheusText text, String name, long value, String help) {
    write(text, "loopbridge_" + name, "gauge", value, help);
  }

  private static void counter(PrometheusText text, String name, long value, String help) {
    write(text, "loopbridge_" + name + "_total", "counter", value, help);
  }

  private static void write(
      PrometheusText text, String name, String type, long value, String help) {
    text.describe(name, type, help);
    text.sample(name, "", value);
  }
}
