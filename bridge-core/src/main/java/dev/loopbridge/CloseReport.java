package dev.loopbridge;

import java.util.List;
import java.util.Map;

/**
 * The calls and other work that {@link NativeRuntime#close(java.time.Duration)} had to end.
 *
 * @param cancelledCalls how many calls settled with {@link RuntimeClosedException}, by function
 *     name
 * @param stillRunning blocking Rust functions that had not returned when the runtime closed; they
 *     run on, their memory is kept until they end, their results are dropped
 * @param unresponsiveLoops owner loops that did not get to settling their calls in time; they do so
 *     as soon as they run again
 * @param lostCalls how many calls still had their place in flight, by function name, although Rust
 *     had none left: a defect of the bridge, worth a report. The places, and with them the ports,
 *     were freed
 */
public record CloseReport(
    Map<String, Integer> cancelledCalls,
    int stillRunning,
    List<String> unresponsiveLoops,
    Map<String, Integer> lostCalls) {

  /** Defensive copies. */
  public CloseReport {
    cancelledCalls = Map.copyOf(cancelledCalls);
    unresponsiveLoops = List.copyOf(unresponsiveLoops);
    lostCalls = Map.copyOf(lostCalls);
  }

  /** The number of calls that were cancelled in all. */
  public int cancelled() {
    return cancelledCalls.values().stream().mapToInt(Integer::intValue).sum();
  }
}
