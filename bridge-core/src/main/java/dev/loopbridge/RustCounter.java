package dev.loopbridge;

import java.util.Locale;

/**
 * The counters of the Rust side, in the order in which {@link Native#runtimeCounters} fills an
 * array; twin of the executor's metrics.rs. The two lists of names are compared when a library is
 * loaded.
 */
enum RustCounter {
  LIVE_TASKS,
  TASKS_SPAWNED,
  READY_AT_FIRST_POLL,
  BLOCKING_SPAWNED,
  CALLS_BEGUN,
  CALLS_FINISHED,
  UPCALLS,
  DOORBELLS,
  PANICS,
  CANCELS_APPLIED,
  LIVE_PAYLOADS,
  LIVE_PAYLOAD_BYTES,
  LIVE_LEASES,
  GLOBAL_REFS,
  ATTACHED_THREADS,
  LIVE_PORTS,
  LIVE_LOCAL_FUTURES,
  LOCAL_POLLS,
  LIVE_LOCAL_OBJECTS,
  LIVE_SHARED_OBJECTS,
  BLOCKING_RUNNING,
  BLOCKING_QUEUED,
  BLOCKING_ABANDONED;

  /** The number of counters. */
  static final int COUNT = values().length;

  /** This count among those of a runtime. */
  long in(long[] counts) {
    return counts[ordinal()];
  }

  /** The counter's name in Rust. */
  String rustName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
