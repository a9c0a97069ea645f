package dev.loopbridge.stress.history;

import dev.loopbridge.stress.history.Step.Actor;
import dev.loopbridge.stress.history.Step.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The steps on one runtime and one loop.
 *
 * @param name the name by which {@code replay} runs the program
 * @param workers Tokio's worker threads
 * @param maxInFlight the runtime's limit of calls in flight
 */
record Program(String name, int workers, int maxInFlight, List<Step> steps) {

  static final int ROOMY = 4_096;

  private static final int TIGHT = 12;

  /** All kinds of calls; a random program draws from them evenly. */
  private static final CallKind[] KINDS = CallKind.values();

  /**
   * Returns a random program.
   *
   * @param local whether the loop drives futures; a few calls try it all the same
   * @param adapters the adapters that the loop has
   */
  static Program random(String name, long seed, boolean local, List<Adapter> adapters) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Step> steps = new ArrayList<>();
    int length = 4 + random.nextInt(random.nextInt(4) == 0 ? 60 : 20);
    boolean closes = random.nextInt(5) == 0;
    boolean ends = random.nextInt(6) == 0;
    for (int i = 0; i < length; i++) {
      steps.add(step(random, local, adapters));
    }
    if (closes) {
      int times = 1 + random.nextInt(2);
      for (int i = 0; i < times; i++) {
        insert(steps, random, Step.of(Op.CLOSE_RUNTIME, actor(random), 0));
      }
    }
    if (ends) {
      insert(steps, random, Step.of(Op.END_LOOP, actor(random), 0));
    }
    int limit = random.nextInt(8) == 0 ? TIGHT : ROOMY;
    return new Program(name, 1 + random.nextInt(2), limit, List.copyOf(steps));
  }

  private static void insert(List<Step> steps, SplittableRandom random, Step step) {
    steps.add(random.nextInt(steps.size() + 1), step);
  }

  private static Actor actor(SplittableRandom random) {
    return Actor.values()[random.nextInt(Actor.values().length)];
  }

  private static Step step(SplittableRandom random, boolean local, List<Adapter> adapters) {
    Actor actor = actor(random);
    int which = random.nextInt(1 << 16);
    return switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> Step.of(Op.CANCEL, actor, which);
      case 4, 5 -> Step.of(Op.SIGNAL, actor, which);
      case 6, 7 -> Step.of(Op.ANSWER, actor, which);
      case 8 -> Step.of(Op.CLOSE_REFERENCE, actor, which);
      case 9 -> Step.of(Op.DROP, actor, which);
      case 10 -> Step.of(Op.BLOCK, Actor.MAIN, 0);
      case 11 -> Step.of(Op.UNBLOCK, Actor.MAIN, 0);
      case 12 -> Step.of(random.nextInt(16) == 0 ? Op.COLLECT : Op.ARRIVE, Actor.MAIN, 0);
      default -> {
        CallKind kind = KINDS[random.nextInt(KINDS.length)];
        if (kind.isLocal() && !local && random.nextInt(8) > 0) {
          kind = KINDS[random.nextInt(CallKind.LOCAL_ADD.ordinal())];
        }
        Adapter adapter = adapters.get(random.nextInt(adapters.size()));
        Script script = Script.values()[random.nextInt(Script.values().length)];
        int unruly = random.nextInt(24) == 0 ? 1 : 0;
        yield new Step(Op.START, actor, kind, adapter, script, unruly);
      }
    };
  }

  Program without(int from, int to) {
    List<Step> left = new ArrayList<>(steps.subList(0, from));
    left.addAll(steps.subList(to, steps.size()));
    return new Program(name, workers, maxInFlight, List.copyOf(left));
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("program %s: %d workers, limit %d".formatted(name, workers, maxInFlight));
    steps.forEach(step -> text.append("\n  ").append(step));
    return text.toString();
  }
}
