package dev.loopbridge.stress.history;

import dev.loopbridge.ForwardingLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Trial;
import dev.loopbridge.stress.history.Event.What;
import dev.loopbridge.stress.history.Step.Actor;
import dev.loopbridge.stress.history.Step.Op;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * The mistakes that the checker must notice: altered histories, and loops that break their rules.
 */
final class Controls {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(500);

  private final Trial trial;

  Controls(Trial trial) {
    this.trial = trial;
  }

  void run() throws Exception {
    try (Scene scene = new Scene(new Wrapped("plain", loop -> loop), trial)) {
      ProgramRun run = new ProgramRun(scene, waits(Actor.LOOP), PATIENCE);
      List<Finding> clean = run.run();
      trial.control("an untouched history is accepted", clean.isEmpty());
      if (!clean.isEmpty()) {
        trial.note("the control's history: " + clean);
      }
      List<Event> events = run.history().events();
      List<Event> settles = events.stream().filter(event -> event.what() == What.SETTLED).toList();
      refused("a call that settled twice", run, plus(events, settles.get(1)));
      refused("a call that never settled", run, without(events, settles.get(1)));
      refused(
          "a call that settled off its loop",
          run,
          replaced(events, settles.get(1), event -> event.onThread(-1, false)));
      refused(
          "a call that settled on another thread of its loop",
          run,
          replaced(events, settles.get(1), event -> event.onThread(-1, true)));
      List<Event> swapped =
          replaced(events, settles.get(0), event -> event.as(settles.get(1).number()));
      refused(
          "two results that were swapped",
          run,
          replaced(swapped, settles.get(1), event -> event.as(settles.get(0).number())));
      refused(
          "a value that was not signalled",
          run,
          events.stream().filter(event -> event.what() != What.SIGNALLED).toList());
    }
    noticed("a loop that forgets tasks", new Wrapped("forgetful", Forgetful::new));
    noticed("a loop that changes its thread", new Wrapped("restless", Restless::new));
  }

  private static Program waits(Actor actor) {
    List<Step> steps = new ArrayList<>();
    int calls = 4;
    for (int i = 0; i < calls; i++) {
      steps.add(Step.start(actor, CallKind.LOCAL_SIGNAL, Adapter.TARGET, Script.NOW));
    }
    steps.add(Step.of(Op.ARRIVE, Actor.MAIN, 0));
    for (int i = 0; i < calls; i++) {
      steps.add(Step.of(Op.SIGNAL, Actor.MAIN, i));
    }
    steps.add(Step.of(Op.SETTLE, Actor.MAIN, 0));
    for (int i = 0; i < calls; i++) {
      steps.add(Step.start(Actor.MAIN, CallKind.YIELD, Adapter.STAGE, Script.NOW));
    }
    return new Program("control", 2, Program.ROOMY, steps);
  }

  private void refused(String what, ProgramRun run, List<Event> events) {
    List<Event> ordered = new ArrayList<>(events);
    ordered.sort(java.util.Comparator.comparingLong(Event::number));
    Program program = waits(Actor.LOOP);
    trial.control(
        what, !Checker.check(program, /* hasOneThread= */ true, run.calls(), ordered).isEmpty());
  }

  private void noticed(String what, LoopKind kind) throws Exception {
    try (Scene scene = new Scene(kind, trial)) {
      boolean noticed = false;
      for (int round = 0; round < 20 && !noticed; round++) {
        noticed = !new ProgramRun(scene, waits(Actor.MAIN), SHORT).run().isEmpty();
      }
      trial.control(what, noticed);
    }
  }

  private static List<Event> plus(List<Event> events, Event more) {
    List<Event> changed = new ArrayList<>(events);
    changed.add(more.as(events.get(events.size() - 1).number() + 1));
    return changed;
  }

  private static List<Event> without(List<Event> events, Event less) {
    return events.stream().filter(event -> event != less).toList();
  }

  private static List<Event> replaced(List<Event> events, Event old, UnaryOperator<Event> by) {
    return events.stream().map(event -> event == old ? by.apply(event) : event).toList();
  }

  /** A plain executor as a loop; its subclasses break rules. */
  private record Wrapped(String name, UnaryOperator<OwnerLoop> around) implements LoopKind {

    @Override
    public Started start() {
      ThreadLoop plain = new ThreadLoop(name);
      return Started.of(around.apply(plain), plain::end);
    }
  }

  /** Forgets every seventh task. */
  private static final class Forgetful extends ForwardingLoop {

    private final AtomicInteger tasks = new AtomicInteger();

    Forgetful(OwnerLoop loop) {
      super(loop);
    }

    @Override
    public void execute(Runnable task) {
      super.execute(tasks.incrementAndGet() % 7 == 0 ? () -> {} : task);
    }
  }

  /**
   * Runs each task on another thread than the last, one at a time, and claims to have one thread.
   */
  private static final class Restless extends ForwardingLoop {

    private final ExecutorService second =
        Executors.newSingleThreadExecutor(new DefaultThreadFactory("second", /* daemon= */ true));
    private final AtomicInteger tasks = new AtomicInteger();
    private volatile Thread runner;

    Restless(OwnerLoop loop) {
      super(loop);
    }

    @Override
    public boolean inLoop() {
      return runner == Thread.currentThread();
    }

    @Override
    public void execute(Runnable task) {
      super.execute(
          () -> {
            if (tasks.incrementAndGet() % 2 == 0) {
              run(task);
              return;
            }
            try {
              second.submit(() -> run(task)).get();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }

    private void run(Runnable task) {
      runner = Thread.currentThread();
      try {
        task.run();
      } finally {
        runner = null;
      }
    }
  }
}
