package dev.loopbridge.stress;

import dev.loopbridge.NativeRuntime;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One run of a suite in the suite's JVM: it has the order, and takes the suite's reports. Any
 * thread may call all methods.
 */
public final class Trial {

  private final String suite;
  private final Order order;
  private final List<LoopKind> loops;
  private final PrintStream out;
  private final Queue<NativeRuntime> watched = new ConcurrentLinkedQueue<>();

  Trial(String suite, Order order, List<LoopKind> loops, PrintStream out) {
    this.suite = suite;
    this.order = order;
    this.loops = loops;
    this.out = out;
  }

  /**
   * Returns the first arguments for a JVM that the suite starts, which then reports by the trial of
   * {@link #inChild}; that JVM's standard output must become the suite's.
   */
  public List<String> forChild() {
    List<String> arguments = new ArrayList<>(List.of(suite));
    arguments.addAll(order.withoutScene().arguments());
    return arguments;
  }

  /**
   * Returns the trial in a JVM with the arguments of {@link #forChild}; removes these from the
   * list.
   */
  public static Trial inChild(List<String> arguments) {
    List<String> own = arguments.subList(0, 1 + Order.ARGUMENTS);
    Order order = Order.of(own.subList(1, own.size()));
    Trial trial = new Trial(own.get(0), order, List.of(), System.out);
    own.clear();
    return trial;
  }

  /** Returns how thorough the run is. */
  public Tier tier() {
    return order.tier();
  }

  /** Returns the first of three values for T0, the second for T1, the third for T2. */
  public <T> T choose(T t0, T t1, T t2) {
    return tier().choose(t0, t1, t2);
  }

  /** Returns the seed of all random values. */
  public long seed() {
    return order.seed();
  }

  /** Returns random numbers of the seed, other ones for each purpose. */
  public SplittableRandom random(String purpose) {
    return new SplittableRandom(seed() * 0x9E37_79B9_7F4A_7C15L + purpose.hashCode());
  }

  /** Returns how long an open search goes on: the command line's time, or else {@code byTier}. */
  public Duration time(Duration byTier) {
    return order.time().orElse(byTier);
  }

  /** Returns the kinds of loop to try, out of those that the machine has. */
  public List<LoopKind> loops() {
    return loops;
  }

  /**
   * Returns the sources, for suites that build what they run.
   *
   * @throws MissingToolException if the run has no checkout
   */
  public Checkout checkout() throws MissingToolException {
    return order
        .checkout()
        .map(Checkout::new)
        .orElseThrow(
            () ->
                new MissingToolException(
                    "the sources of Loopbridge: run from a checkout, or name one by --source"));
  }

  /** Returns the existing directory for the files of this suite. */
  public Path directory() {
    return order.directory().resolve(suite);
  }

  /** Reports {@code count} more tries for an invariant, in all of which it held. */
  public void ran(Invariant invariant, String what, long count) {
    report(
        new JsonObject()
            .put("event", "ran")
            .put("invariant", invariant.name())
            .put("what", what)
            .put("count", count));
  }

  /**
   * Reports that an invariant did not hold.
   *
   * @param scene the text that {@code replay} needs besides the seed to repeat the case; may be
   *     empty
   */
  public void violated(Invariant invariant, String text, String scene) {
    report(
        new JsonObject()
            .put("event", "violated")
            .put("invariant", invariant.name())
            .put("text", text)
            .put("replay", suite + "/" + seed() + (scene.isEmpty() ? "" : "/" + scene)));
  }

  /**
   * Reports that a step did not end which must end. The harness takes the JVM's stacks and ends the
   * JVM.
   */
  public void hangs(Invariant invariant, String text, String scene) throws InterruptedException {
    report(
        new JsonObject()
            .put("event", "hang")
            .put("invariant", invariant.name())
            .put("text", text)
            .put("counters", counters())
            .put("replay", suite + "/" + seed() + (scene.isEmpty() ? "" : "/" + scene)));
    // The harness takes the stacks from outside and ends this JVM; this thread stays where it is.
    Thread.sleep(Long.MAX_VALUE);
  }

  /**
   * Reports whether a planted mistake was noticed: a suite whose controls fail proves nothing.
   *
   * @param name the planted mistake
   */
  public void control(String name, boolean noticed) {
    report(new JsonObject().put("event", "control").put("what", name).put("noticed", noticed));
  }

  /** Reports that a part could not be explored to its end, or not at all, and why. */
  public void incomplete(String text) {
    report(new JsonObject().put("event", "incomplete").put("text", text));
  }

  /** Reports a note for the reader. */
  public void note(String text) {
    report(new JsonObject().put("event", "note").put("text", text));
  }

  /** From now on reports of hangs have the counters of this runtime. */
  public <R extends NativeRuntime> R watch(R runtime) {
    watched.add(runtime);
    return runtime;
  }

  /** Ends {@link #watch}. */
  public void unwatch(NativeRuntime runtime) {
    watched.remove(runtime);
  }

  /** Returns the present counters of the watched runtimes. */
  String counters() {
    StringBuilder text = new StringBuilder();
    for (NativeRuntime runtime : watched) {
      text.append(runtime.metrics()).append('\n');
    }
    return text.toString();
  }

  void report(JsonObject event) {
    // One call for one line: other threads report too.
    out.print(Order.MARK + event.encode() + "\n");
    out.flush();
  }

  /** Returns the scene of a replay; empty for a whole run. */
  Optional<String> scene() {
    return order.scene();
  }
}
