package dev.loopbridge.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.apache.opendal.Environment;

/**
 * Compares the bridge with a published library that does the same, each in a process of its own:
 * Apache OpenDAL, whose memory service reads 16 bytes, against a native function that returns as
 * many. Both have two Tokio workers, hand out a {@code CompletableFuture}, and are called from one
 * event loop on which the result is taken.
 *
 * <p>The children take turns, round by round in an order drawn anew; one that waits uses nothing.
 */
final class Peer {

  static final String PLATFORM = "linux-x86_64";

  /** Its own process starts with nothing compiled, unlike the harness's arms. */
  private static final int WARM_UPS = 4;

  private final Effort effort;
  private final Map<String, PeerChild> children;
  private final Random order = new Random(1);

  private Peer(Effort effort, Map<String, PeerChild> children) {
    this.effort = effort;
    this.children = children;
  }

  /**
   * Measures reads with 256 and with 1 in flight.
   *
   * @param notes gets the reason why nothing was measured, or how often it had to be repeated
   * @return no table where the peer is not available
   * @throws IllegalStateException if a child failed; its message has the child's standard error
   */
  static List<Table> measure(Effort effort, Consumer<String> notes) throws Exception {
    if (!isSupported()) {
      notes.accept("peer: skipped, OpenDAL is only brought along for " + PLATFORM);
      return List.of();
    }
    try (PeerChild bridge = new PeerChild(PeerMain.BRIDGE);
        PeerChild openDal = new PeerChild(PeerMain.OPENDAL)) {
      Map<String, PeerChild> children = new LinkedHashMap<>();
      children.put(PeerMain.BRIDGE, bridge);
      children.put(PeerMain.OPENDAL, openDal);
      Peer peer = new Peer(effort, children);
      return List.of(
          peer.compare("peer", "Read of 16 bytes, 256 in flight", 256, notes),
          peer.compare("peer-1", "Read of 16 bytes, 1 in flight", 1, notes));
    }
  }

  /** Returns whether this is the platform whose native library is on the class path. */
  static boolean isSupported() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return Environment.getClassifier().equals(PLATFORM)
        && (architecture.equals("amd64") || architecture.equals("x86_64"));
  }

  private Table compare(String id, String title, int inFlight, Consumer<String> notes)
      throws Exception {
    for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
      for (PeerChild child : children.values()) {
        child.run(inFlight, effort.warmUpNanos());
      }
    }
    Map<String, List<PeerAnswer>> rounds = new LinkedHashMap<>();
    children.keySet().forEach(library -> rounds.put(library, new ArrayList<>()));
    int discarded = 0;
    for (int round = 0; round < effort.rounds(); ) {
      boolean disturbed = false;
      Map<String, PeerAnswer> answers = new LinkedHashMap<>();
      List<String> shuffled = new ArrayList<>(children.keySet());
      Collections.shuffle(shuffled, order);
      for (String library : shuffled) {
        Machine.Use before = Machine.use();
        PeerAnswer answer = children.get(library).run(inFlight, effort.sliceNanos());
        disturbed |= Machine.use().wasDisturbed(before, answer.wallNanos(), 0, answer.cpuNanos());
        answers.put(library, answer);
      }
      if (disturbed && discarded < effort.rounds()) {
        discarded++;
        continue;
      }
      answers.forEach((library, answer) -> rounds.get(library).add(answer));
      round++;
    }
    if (discarded > 0) {
      notes.accept(id + ": " + discarded + " disturbed rounds repeated");
    }
    List<Table.Row> rows = new ArrayList<>();
    rounds.forEach((library, answers) -> rows.add(row(library, answers)));
    return new Table(id, title, "ns", true, PeerMain.OPENDAL, rows);
  }

  private static Table.Row row(String arm, List<PeerAnswer> answers) {
    Map<String, double[]> metrics = new LinkedHashMap<>();
    metrics.put("ns", perOperation(answers, PeerAnswer::wallNanos));
    metrics.put("cpuNs", perOperation(answers, PeerAnswer::cpuNanos));
    metrics.put("bytes", perOperation(answers, PeerAnswer::bytes));
    return new Table.Row(arm, metrics);
  }

  private static double[] perOperation(List<PeerAnswer> answers, ToLongFunction<PeerAnswer> used) {
    return answers.stream()
        .mapToDouble(answer -> (double) used.applyAsLong(answer) / answer.operations())
        .toArray();
  }
}
