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
 * One run of a suite, in the suite's JVM: what was asked for, and where the suite tells what it
 * found. All methods may be called on any thread.
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
   * What a JVM that the suite starts takes as its first arguments, to tell what it finds by {@link
   * #inChild}; the JVM's standard output must become the suite's.
   */
  public List<String> forChild() {
    List<String> arguments = new ArrayList<>(List.of(suite));
    arguments.addAll(order.withoutScene().arguments());
    return arguments;
  }

  /** The trial in a JVM with the arguments of {@link #forChild}, which are taken from the list. */
  public static Trial inChild(List<String> arguments) {
    List<String> own = arguments.subList(0, 1 + Order.ARGUMENTS);
    Order order = Order.of(own.subList(1, own.size()));
    Trial trial = new Trial(own.get(0), order, List.of(), System.out);
    own.clear();
    return trial;
  }

  /** How thorough to be. */
  public Tier tier() {
    return order.tier();
  }

  /** The first of three values for T0, the second for T1, the third for T2. */
  public <T> T choose(T t0, T t1, T t2) {
    return tier().choose(t0, t1, t2);
  }

  /** Where all that is random begins. */
  public long seed() {
    return order.seed();
  }

  /** Random numbers of the seed, of their own for each purpose. */
  public SplittableRandom random(String purpose) {
    return new SplittableRandom(seed() * 0x9E37_79B9_7F4A_7C15L + purpose.hashCode());
  }

  /** How long a search without an end goes on: what the command line says, or else this. */
  public Duration time(Duration byTier) {
    return order.time().orElse(byTier);
  }

  /** The kinds of loop to try, those the machine has. */
  public List<LoopKind> loops() {
    return loops;
  }

  /**
   * The sources, for suites that build what they run.
   *
   * @throws MissingToolException if this is not run from a checkout
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

  /** A directory for what this suite writes; it is there. */
  public Path directory() {
    return order.directory().resolve(suite);
  }

  /** Says that so many more of something were tried for an invariant, and that it held. */
  public void ran(Invariant invariant, String what, long count) {
    report(
        new JsonObject()
            .put("event", "ran")
            .put("invariant", invariant.name())
            .put("what", what)
            .put("count", count));
  }

  /**
   * Says that an invariant did not hold.
   *
   * @param scene what {@code replay} needs beside the seed to meet it again; may be empty
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
   * Says that something which must settle did not. The JVM's stacks are taken, then it is ended.
   */
  public void hangs(Invariant invariant, String text, String scene) throws InterruptedException {
    report(
        new JsonObject()
            .put("event", "hang")
            .put("invariant", invariant.name())
            .put("text", text)
            .put("counters", counters())
            .put("replay", suite + "/" + seed() + (scene.isEmpty() ? "" : "/" + scene)));
    // The harness takes the stacks from outside and ends this JVM; nothing is to move meanwhile.
    Thread.sleep(Long.MAX_VALUE);
  }

  /**
   * Says whether a planted mistake was noticed: a suite whose controls fail cannot be believed.
   *
   * @param name what was planted
   */
  public void control(String name, boolean noticed) {
    report(new JsonObject().put("event", "control").put("what", name).put("noticed", noticed));
  }

  /** Says that a part could not be explored to its end, or not at all, and why. */
  public void incomplete(String text) {
    report(new JsonObject().put("event", "incomplete").put("text", text));
  }

  /** Says something for the reader. */
  public void note(String text) {
    report(new JsonObject().put("event", "note").put("text", text));
  }

  /** The counters of this runtime belong to what a hang is reported with. */
  public <R extends NativeRuntime> R watch(R runtime) {
    watched.add(runtime);
    return runtime;
  }

  /** Ends {@link #watch}. */
  public void unwatch(NativeRuntime runtime) {
    watched.remove(runtime);
  }

  /** What the watched runtimes count at this moment. */
  String counters() {
    StringBuilder text = new StringBuilder();
    for (NativeRuntime runtime : watched) {
      text.append(runtime.metrics()).append('\n');
    }
    return text.toString();
  }

  void report(JsonObject event) {
    // One call for one line: other threads tell too.
    out.print(Order.MARK + event.encode() + "\n");
    out.flush();
  }

  /** What a replay names; empty for a whole run. */
  Optional<String> scene() {
    return order.scene();
  }
}
