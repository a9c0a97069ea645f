package dev.loopbridge.reactor;

import dev.loopbridge.HandLoop;
import dev.loopbridge.RaceGround;
import dev.loopbridge.ShortLoop;
import java.util.concurrent.RejectedExecutionException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Races of owner loops that are Schedulers. */
public final class SchedulerRaces {

  private SchedulerRaces() {}

  /** A task is scheduled as the drain of a worker ends. */
  @JCStressTest
  @Outcome(id = "ab", expect = Expect.ACCEPTABLE, desc = "both, in order, each once")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the drain finds no more tasks, the thread finds a drain at work: the task is lost")
  @State
  public static class ScheduleOrDrain {

    private final HandLoop loop = new HandLoop();
    private final Scheduler.Worker worker = new OwnerLoopScheduler(loop).createWorker();
    private final StringBuffer ran = new StringBuffer();

    {
      worker.schedule(() -> ran.append('a'));
    }

    @Actor
    public void schedule() {
      worker.schedule(() -> ran.append('b'));
    }

    @Actor
    public void drain() {
      loop.run();
    }

    @Arbiter
    public void look(L_Result r) {
      loop.run();
      r.r1 = ran.toString();
    }
  }

  /** Two threads schedule on one worker, on its loop and off it. */
  @JCStressTest
  @Outcome(
      id = {"ab", "ba"},
      expect = Expect.ACCEPTABLE,
      desc = "both, each once")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "two drains at once, or a task for which no drain runs")
  @State
  public static class ScheduleOrSchedule {

    private final HandLoop loop = new HandLoop();
    private final Scheduler.Worker worker = new OwnerLoopScheduler(loop).createWorker();
    private final StringBuffer ran = new StringBuffer();

    {
      loop.execute(() -> worker.schedule(() -> ran.append('a')));
    }

    @Actor
    public void onLoop() {
      loop.run();
    }

    @Actor
    public void offLoop() {
      worker.schedule(() -> ran.append('b'));
    }

    @Arbiter
    public void look(L_Result r) {
      loop.run();
      r.r1 = ran.toString();
    }
  }

  /** A task is disposed as the loop comes to it. */
  @JCStressTest
  @Outcome(
      id = {"ran", "not"},
      expect = Expect.ACCEPTABLE,
      desc = "the first of the two decides")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the task ran twice, or does not report that it is over")
  @State
  public static class RunOrDispose {

    private final HandLoop loop = new HandLoop();
    private final StringBuffer ran = new StringBuffer();
    private final Disposable task = new OwnerLoopScheduler(loop).schedule(() -> ran.append("ran"));

    @Actor
    public void run() {
      loop.run();
    }

    @Actor
    public void dispose() {
      task.dispose();
    }

    @Arbiter
    public void look(L_Result r) {
      loop.run();
      r.r1 = !task.isDisposed() ? "not over" : ran.isEmpty() ? "not" : ran.toString();
    }
  }

  /** A task is scheduled on a loop that ends. */
  @JCStressTest
  @Outcome(
      id = "ran",
      expect = Expect.ACCEPTABLE,
      desc = "the task was taken, and ran before the end")
  @Outcome(id = "rejected", expect = Expect.ACCEPTABLE, desc = "the loop had ended")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the task was taken and dropped, or rejected and run")
  @State
  public static class ScheduleOrLoopEnd {

    private final ShortLoop loop = new ShortLoop();
    private final Scheduler.Worker worker = new OwnerLoopScheduler(loop).createWorker();
    private final StringBuffer ran = new StringBuffer();

    private boolean taken;

    @Actor
    public void schedule() {
      try {
        worker.schedule(() -> ran.append("ran"));
        taken = true;
      } catch (RejectedExecutionException e) {
        ran.append("rejected");
      }
    }

    @Actor
    public void end() {
      loop.end();
    }

    @Arbiter
    public void look(L_Result r) {
      if (taken) {
        RaceGround.await(() -> !ran.isEmpty());
      }
      r.r1 = ran.toString();
    }
  }
}
