package dev.loopbridge.stress.history;

import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Leftovers;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.history.Event.What;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** One run of a program: performs its steps, then ends the calls that do not end by themselves. */
final class ProgramRun {

  private final Scene scene;
  private final Program program;
  private final LoopKind.Started started;
  private final OwnerLoop loop;
  private final Context context;
  private final NativeRuntime runtime;
  private final Duration patience;
  private final History history = new History();

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final Queue<Step> inCallbacks = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> lateAnswers = new ConcurrentLinkedQueue<>();
  private final Queue<NativeRef> references = new ConcurrentLinkedQueue<>();
  private final List<ByteBuf> lent = new CopyOnWriteArrayList<>();
  private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicInteger onLoop = new AtomicInteger();

  private volatile CountDownLatch block;
  private volatile boolean loopEnding;
  private volatile boolean loopEnded;
  private volatile boolean closed;
  private volatile boolean forgot;

  ProgramRun(Scene scene, Program program, Duration patience) throws Exception {
    this.scene = scene;
    this.program = program;
    this.started = scene.started();
    this.loop = started.loop();
    this.context = scene.context();
    this.runtime = scene.runtime(program);
    this.patience = patience;
  }

  /** Returns the errors found; empty if there are none. */
  List<Finding> run() throws InterruptedException {
    Runnable withdraw =
        loop.onTermination(
            () -> {
              history.add(What.LOOP_ENDED, -1);
              loopEnded = true;
            });
    List<Finding> findings = new ArrayList<>();
    try {
      for (Step step : program.steps()) {
        dispatch(step);
      }
      finish(findings);
    } finally {
      withdraw.run();
    }
    if (loopEnding) {
      scene.loopEnded();
    }
    if (closed || findings.stream().anyMatch(Finding::hangs)) {
      scene.runtimeClosed();
    }
    if (findings.isEmpty()) {
      findings.addAll(Checker.check(program, loop.hasOneThread(), calls, history.events()));
    }
    return findings;
  }

  List<Call> calls() {
    return calls;
  }

  History history() {
    return history;
  }

  OwnerLoop loop() {
    return loop;
  }

  Context context() {
    return context;
  }

  NativeRuntime runtime() {
    return runtime;
  }

  boolean isOnOwner() {
    return loop.inLoop() || (context != null && Vertx.currentContext() == context);
  }

  // Called by the calls.

  /** Returns a buffer for a call to lend. */
  ByteBuf lend(int id) {
    ByteBuf buffer = Unpooled.directBuffer(5_000).writeZero(5_000);
    buffer.setByte(id % 5_000, id & 127);
    lent.add(buffer);
    return buffer;
  }

  void answerLater(Runnable answer) {
    lateAnswers.add(answer);
  }

  void made(NativeRef reference) {
    references.add(reference);
  }

  /** Performs the next step that is to run in a callback. */
  void callback() {
    Step step = inCallbacks.poll();
    if (step != null) {
      perform(step);
    }
  }

  // Steps.

  private void dispatch(Step step) {
    switch (step.actor()) {
      case MAIN -> perform(step);
      case OTHER -> later(scene.other(), busy, step);
      case THIRD -> later(scene.third(), busy, step);
      case LOOP -> {
        try {
          later(loop::execute, onLoop, step);
        } catch (RejectedExecutionException e) {
          onLoop.decrementAndGet();
          perform(step);
        }
      }
      case CALLBACK -> inCallbacks.add(step);
    }
  }

  private void later(Executor on, AtomicInteger count, Step step) {
    count.incrementAndGet();
    on.execute(
        () -> {
          try {
            perform(step);
          } finally {
            count.decrementAndGet();
          }
        });
  }

  private void perform(Step step) {
    try {
      switch (step.op()) {
        case START -> start(step);
        case CANCEL -> with(step, Call::cancel);
        case SIGNAL -> with(step, this::signal);
        case ANSWER -> answer();
        case CLOSE_REFERENCE -> closeOrForget(step);
        case DROP -> with(step, this::drop);
        case COLLECT -> System.gc();
        case BLOCK -> block();
        case UNBLOCK -> unblock();
        case ARRIVE -> arrive();
        case SETTLE -> await(this::haveSettled);
        case END_LOOP -> endLoop();
        case CLOSE_RUNTIME -> close(step);
      }
    } catch (Throwable e) {
      unexpected.add(e);
    }
  }

  private void start(Step step) {
    CallKind kind = step.kind();
    NativeRef reference = kind.usesReference() ? references.peek() : null;
    if (kind.usesReference() && reference == null) {
      kind = CallKind.COUNTER;
    }
    Call call;
    synchronized (calls) {
      int id = ids.getAndIncrement();
      boolean unruly = step.which() == 1;
      call = new Call(this, id, kind, step.adapter(), step.script(), unruly, reference);
      calls.add(call);
    }
    call.start();
  }

  private void with(Step step, java.util.function.Consumer<Call> action) {
    int size = calls.size();
    if (size > 0) {
      action.accept(calls.get(step.which() % size));
    }
  }

  private void signal(Call call) {
    if (call.kind().waitsForSignal()) {
      history.add(What.SIGNALLED, call.id());
      Fn.SIGNAL.call(scene.control(), call.signal(), 1L).toFuture();
    }
  }

  private void answer() {
    Runnable answer = lateAnswers.poll();
    if (answer != null) {
      answer.run();
    }
  }

  private void closeOrForget(Step step) {
    if (step.which() % 32 == 0) {
      forgot |= references.poll() != null; // the collector finds the reference
    } else {
      closeReference();
    }
  }

  private void closeReference() {
    NativeRef reference = references.poll();
    if (reference != null) {
      history.add(What.REFERENCE_CLOSED, -1);
      reference.close();
    }
  }

  private void drop(Call call) {
    call.drop();
  }

  private void block() {
    if (block == null && !loopEnding) {
      CountDownLatch release = new CountDownLatch(1);
      try {
        loop.execute(
            () -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                // The loop is being ended.
              }
            });
        block = release;
      } catch (RejectedExecutionException e) {
        // The loop has ended.
      }
    }
  }

  private void unblock() {
    CountDownLatch release = block;
    if (release != null) {
      block = null;
      release.countDown();
    }
  }

  /** Makes a call and waits for it: it passes all rings behind the calls before it. */
  private void arrive() {
    if (block == null && !loopEnding && !closed) {
      var passed = Fn.NOOP.call(runtime).toFuture(loop);
      if (!await(passed::isDone)) {
        throw new IllegalStateException("a noop did not come back");
      }
    }
  }

  private boolean haveSettled() {
    while (!lateAnswers.isEmpty()) {
      answer();
    }
    return block != null || calls.stream().allMatch(call -> call.isDone() || !call.endsByItself());
  }

  private void endLoop() {
    history.add(What.LOOP_END_BEGUN, -1);
    loopEnding = true;
    started.end();
  }

  private void close(Step step) {
    history.add(What.CLOSE_BEGUN, -1);
    closed = true;
    boolean waits = step.actor() != Step.Actor.CALLBACK && block == null && !loop.inLoop();
    if (waits && step.which() % 2 == 0) {
      try {
        runtime.close();
      } catch (BlockingOnLoopException e) {
        throw new IllegalStateException("close() is for any thread", e);
      }
    } else {
      runtime.closeAsync(Duration.ZERO);
    }
  }

  // The end.

  private boolean await(BooleanSupplier condition) {
    return Watch.until(condition, patience);
  }

  private void finish(List<Finding> findings) {
    unblock();
    List<Call> signalled = new ArrayList<>();
    List<Call> cancelled = new ArrayList<>();
    boolean settled =
        await(
            () -> {
              unblock();
              for (Step left = inCallbacks.poll(); left != null; left = inCallbacks.poll()) {
                perform(left);
              }
              while (!lateAnswers.isEmpty()) {
                answer();
              }
              for (Call call : calls) {
                help(call, signalled, cancelled);
              }
              // A loop that ends drops its queued tasks.
              return busy.get() == 0
                  && (onLoop.get() == 0 || loopEnded)
                  && calls.stream().allMatch(this::isOver);
            });
    if (!settled) {
      findings.add(Finding.hang(Invariant.I3, "did not settle: " + open() + describe()));
      return;
    }
    while (!references.isEmpty()) {
      closeReference();
    }
    for (Throwable e : unexpected) {
      findings.add(Finding.violated(Invariant.I3, "a step threw " + stack(e) + describe()));
    }
    awaitNothingLeft(findings);
  }

  /** Signals or cancels a call that does not end otherwise, while its loop and runtime live. */
  private void help(Call call, List<Call> signalled, List<Call> cancelled) {
    if (loopEnding || closed || call.isDone() || !call.hasBegun()) {
      return;
    }
    if (!call.endsByItself()) {
      if (!cancelled.contains(call) && call.cancel()) {
        cancelled.add(call);
      }
    } else if (call.kind().waitsForSignal() && !signalled.contains(call)) {
      signalled.add(call);
      signal(call);
    }
  }

  private boolean isOver(Call call) {
    if (call.isDone() || (!call.hasBegun() && loopEnded)) {
      return true;
    }
    if (loopEnded) {
      Outcome found = call.found();
      if (found != null) {
        call.found(found);
        return true;
      }
    }
    return false;
  }

  private void awaitNothingLeft(List<Finding> findings) {
    calls.forEach(Call::forgetObjects);
    long[] lastCollected = {System.nanoTime()};
    long pause = patience.toNanos() / (forgot ? 100 : 5);
    boolean nothing =
        await(
            () -> {
              while (!references.isEmpty()) {
                closeReference(); // the reference of a late value
              }
              while (!lateAnswers.isEmpty()) {
                answer(); // the question of a task that outlives its call
              }
              if (System.nanoTime() - lastCollected[0] > pause) {
                System.gc(); // for objects that were not closed
                lastCollected[0] = System.nanoTime();
              }
              return left().isEmpty();
            });
    if (!nothing) {
      findings.add(Finding.violated(Invariant.I6, "left behind: " + left() + describe()));
    }
    lent.forEach(ByteBuf::release);
  }

  /** Returns what is left and should not be; empty if nothing is. */
  private String left() {
    RuntimeMetrics now = runtime.metrics();
    String left = closed ? Leftovers.afterClose(now) : Leftovers.atRest(now);
    long referenced = lent.stream().filter(buffer -> buffer.refCnt() != 1).count();
    return referenced == 0 ? left : left + " and " + referenced + " references to lent buffers";
  }

  private String open() {
    return calls.stream().filter(call -> !call.isDone()).toList()
        + ", steps elsewhere "
        + busy
        + ", on the loop "
        + onLoop
        + (loopEnding ? ", the loop ends" : "")
        + (loopEnded ? ", the loop has ended" : "")
        + (closed ? ", the runtime was closed" : "");
  }

  private String describe() {
    return "\n" + program + "\non " + loop + ", " + runtime.metrics();
  }

  private static String stack(Throwable e) {
    java.io.StringWriter stack = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(stack));
    return stack.toString();
  }
}
