package dev.loopbridge.kit;

import dev.loopbridge.RuntimeMetrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Lists what a runtime must not hold any more, each with its count; empty if it holds nothing. */
public final class Leftovers {

  private Leftovers() {}

  /** Lists what is left of calls that have all ended. */
  public static String ofCalls(RuntimeMetrics now) {
    return text(calls(now));
  }

  /** Lists what a runtime at rest has besides its ports. */
  public static String atRest(RuntimeMetrics now) {
    Map<String, Long> left = calls(now);
    left.put("references beyond ports", now.globalReferences() - now.livePorts());
    return text(left);
  }

  /** Lists what is left of a closed runtime. */
  public static String afterClose(RuntimeMetrics now) {
    Map<String, Long> left = calls(now);
    left.put("ports", now.livePorts());
    left.put("references", now.globalReferences());
    left.put("attached threads", now.attachedThreads());
    return text(left);
  }

  private static Map<String, Long> calls(RuntimeMetrics now) {
    Map<String, Long> left = new LinkedHashMap<>();
    left.put("calls", now.liveCalls());
    left.put("lending calls", now.lendingCalls());
    left.put("tasks", now.liveTasks());
    left.put("unfinished calls", now.callsBegun() - now.callsFinished());
    left.put("payloads", now.livePayloads());
    left.put("payload bytes", now.livePayloadBytes());
    left.put("leases", now.liveLeases());
    left.put("held objects", now.heldObjects());
    left.put("invocations", now.liveInvocations());
    left.put("loop-driven futures", now.liveLocalFutures());
    left.put("objects of Rust's", now.liveLocalObjects());
    left.put("shared objects", now.liveSharedObjects());
    return left;
  }

  private static String text(Map<String, Long> left) {
    return left.entrySet().stream()
        .filter(each -> each.getValue() != 0)
        .map(each -> each.getValue() + " " + each.getKey())
        .collect(Collectors.joining("; "));
  }
}
