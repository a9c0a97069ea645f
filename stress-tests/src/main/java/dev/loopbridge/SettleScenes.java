package dev.loopbridge;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * What Lincheck tries of calls, answers and references that end once, each against what it must
 * look like. What the owner loop alone may do is in the group "loop".
 */
public final class SettleScenes {

  private static final Port PORT = RaceGround.inlinePort();

  private SettleScenes() {}

  /** What ends once. */
  public static class Once {

    private int ended;

    /** Open. */
    public Once() {}

    final boolean end(int as) {
      boolean first = ended == 0;
      ended = first ? as : ended;
      return first;
    }

    /** Whether this ended it. */
    public boolean settle() {
      return end(1);
    }

    /** Whether this ended it. */
    public boolean cancel() {
      return end(2);
    }

    /** Whether it ended. */
    public boolean isSettled() {
      return ended != 0;
    }

    /** How it ended. */
    public int state() {
      return ended;
    }
  }

  /** The one decision under all of them. */
  public static class Step {

    private final LoopStep step =
        new LoopStep() {
          @Override
          void step() {}
        };

    /** Open. */
    public Step() {}

    /** Whether this ended it. */
    @Operation
    public boolean settle() {
      return step.end(LoopStep.SETTLED);
    }

    /** Whether this ended it. */
    @Operation
    public boolean cancel() {
      return step.end(LoopStep.CANCELLED);
    }

    /** How it ended. */
    @Operation
    public int state() {
      return step.state();
    }
  }

  /** A positive control: a decision that is looked at and then made. */
  public static class BrokenStep {

    private volatile int state;

    /** Open. */
    public BrokenStep() {}

    private boolean end(int as) {
      if (state != 0) {
        return false;
      }
      state = as;
      return true;
    }

    /** Whether this ended it. */
    @Operation
    public boolean settle() {
      return end(1);
    }

    /** Whether this ended it. */
    @Operation
    public boolean cancel() {
      return end(2);
    }

    /** How it ended. */
    @Operation
    public int state() {
      return state;
    }
  }

  /** A call's handle and its target. */
  public static final class Handle implements CallTarget<Long> {

    private final CallHandle handle = new CallHandle(PORT, RaceGround.ADD, this);

    // The group "loop" only.
    private boolean told;

    /** Not begun. */
    public Handle() {}

    /** The outcome is in; whether the target was told of it in time. */
    @Operation(nonParallelGroup = "loop")
    public boolean settle() {
      told = false;
      NativeResult result = new NativeResult(PORT);
      result.load(new IllegalStateException());
      handle.settle(result);
      return told;
    }

    /** Whether this ended it. */
    @Operation
    public boolean cancel() {
      return handle.cancel();
    }

    /** Whether it ended. */
    @Operation
    public boolean isSettled() {
      return handle.isSettled();
    }

    @Override
    public void value(Long value) {
      throw new IllegalStateException("there is no value");
    }

    @Override
    public void error(Throwable error) {
      told = true;
    }
  }

  /** A handler's answer. */
  public static class Answer {

    private final HandlerAnswer<Long> answer = new HandlerAnswer<>(PORT, null, null, 1);

    // The group "loop" only.
    private boolean cancelled;

    /** Not answered. */
    public Answer() {
      answer.started(() -> cancelled = true);
    }

    /** Whether this was the answer. */
    @Operation
    public boolean settle() {
      return answer.value(1L);
    }

    /** Rust gives it up; whether that cancelled what the body started. */
    @Operation(nonParallelGroup = "loop")
    public boolean cancel() {
      cancelled = false;
      answer.withdraw();
      return cancelled;
    }

    /** Whether it was answered or given up. */
    @Operation
    public boolean isSettled() {
      return answer.isSettled();
    }
  }

  /** A call's stage, whose loop does not come to run. */
  public static class Stage {

    private final CallStage<Long> stage = new CallStage<>();

    /** Not begun. */
    public Stage() {
      stage.start(RaceGround.ADD_OF_CLOSED, new HandLoop());
    }

    /** The loop brings the value; what the stage has then. */
    @Operation(nonParallelGroup = "loop")
    public Long value() {
      stage.value(1L);
      return now();
    }

    /** Whether this ended it. */
    @Operation
    public boolean complete() {
      return stage.complete(2L);
    }

    /** Whether this ended it. */
    @Operation
    public boolean timeOut() {
      return stage.completeExceptionally(new IllegalStateException());
    }

    /** Whether it is cancelled. */
    @Operation
    public boolean cancel() {
      return stage.cancel(false);
    }

    /** What it has: 0 nothing yet, -1 an error. */
    @Operation
    public Long now() {
      try {
        return stage.getNow(0L);
      } catch (CompletionException | CancellationException e) {
        return -1L;
      }
    }
  }

  /** What {@link Stage} must look like: a future that no call stands behind. */
  public static class PlainFuture {

    private long value;
    private boolean cancelled;

    /** Not complete. */
    public PlainFuture() {}

    private boolean end(long as) {
      boolean first = value == 0;
      value = first ? as : value;
      return first;
    }

    /** The value comes. */
    public Long value() {
      end(1);
      return value;
    }

    /** Whether this ended it. */
    public boolean complete() {
      return end(2);
    }

    /** Whether this ended it. */
    public boolean timeOut() {
      return end(-1);
    }

    /** Whether it is cancelled. */
    public boolean cancel() {
      cancelled |= end(-1);
      return cancelled;
    }

    /** What it has. */
    public Long now() {
      return value;
    }
  }

  /** A hop to an object whose loop ends. */
  public static class Hop {

    private final EndingLoop loop = new EndingLoop();
    private final LoopRef<Object> reference = LoopRef.of(loop, new Object());

    private volatile CompletableFuture<Integer> last = CompletableFuture.completedFuture(0);

    /** A loop that lives. */
    public Hop() {}

    /** Calls from elsewhere. */
    @Operation(nonParallelGroup = "caller")
    public void call() {
      last = reference.call(object -> 1);
    }

    /** The loop runs what is queued. */
    @Operation(nonParallelGroup = "loop")
    public void run() {
      loop.run();
    }

    /** The loop ends; what is queued is lost. */
    @Operation(nonParallelGroup = "loop")
    public void end() {
      loop.end();
    }

    /** Each call is done, or will be. */
    @org.jetbrains.lincheck.datastructures.Validate
    public void noCallIsLost() {
      loop.run();
      if (!last.isDone()) {
        throw new IllegalStateException("a call on a loop that ended has no end");
      }
    }
  }

  /** A loop that can end with tasks in its queue, which it drops. */
  private static final class EndingLoop implements OwnerLoop {

    private final java.util.ArrayDeque<Runnable> tasks = new java.util.ArrayDeque<>();
    private final java.util.ArrayDeque<Runnable> actions = new java.util.ArrayDeque<>();
    private boolean ended;

    void run() {
      for (Runnable task = next(); task != null; task = next()) {
        task.run();
      }
    }

    private synchronized Runnable next() {
      return tasks.poll();
    }

    void end() {
      while (true) {
        Runnable action;
        synchronized (this) {
          ended = true;
          tasks.clear();
          action = actions.poll();
        }
        if (action == null) {
          return;
        }
        action.run();
      }
    }

    @Override
    public boolean inLoop() {
      return false;
    }

    @Override
    public synchronized void execute(Runnable task) {
      if (ended) {
        throw new java.util.concurrent.RejectedExecutionException();
      }
      tasks.add(task);
    }

    @Override
    public Runnable onTermination(Runnable action) {
      synchronized (this) {
        if (!ended) {
          actions.add(action);
          return () -> withdraw(action);
        }
      }
      action.run();
      return () -> {};
    }

    private synchronized void withdraw(Runnable action) {
      actions.remove(action);
    }
  }
}
