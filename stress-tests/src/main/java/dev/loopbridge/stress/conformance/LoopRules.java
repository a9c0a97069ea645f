package dev.loopbridge.stress.conformance;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.stress.LoopKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The rules that the bridge requires of a loop:
 *
 * <ul>
 *   <li>L1 tasks of one thread run in the order in which they were given
 *   <li>L2 inLoop is true inside a task and false elsewhere
 *   <li>L3 execute never runs the task inside the call
 *   <li>L4 a loop that reports one thread has one thread
 *   <li>L5 one task at a time, and each sees the writes of the one before
 *   <li>L6 onTermination runs its action once, after the last task
 *   <li>L7 an action that was withdrawn does not run
 *   <li>L8 after the end execute throws RejectedExecutionException
 *   <li>L9 onTermination after the end runs its action at once
 * </ul>
 */
final class LoopRules {

  /** The number of rules. */
  static final int COUNT = 9;

  private static final int SUBMITTERS = 3;

  private final LoopKind.Started started;
  private final OwnerLoop loop;
  private final int tasks;
  private final Duration patience;
  private final Map<String, String> broken = new LinkedHashMap<>();

  // Written by the loop's tasks; each task must see the writes of the tasks before it.
  private long plain;

  private LoopRules(LoopKind.Started started, int tasks, Duration patience) {
    this.started = started;
    this.loop = started.loop();
    this.tasks = tasks;
    this.patience = patience;
  }

  /**
   * Checks all rules on a loop, and ends the loop; returns the rules that it breaks, with the
   * reasons.
   *
   * @param patience how long the loop may take for each step
   */
  static Map<String, String> broken(LoopKind.Started started, int tasks, Duration patience)
      throws Exception {
    LoopRules rules = new LoopRules(started, tasks, patience);
    rules.running();
    rules.ending();
    return rules.broken;
  }

  private void rule(String id, boolean holds, String text) {
    if (!holds) {
      broken.putIfAbsent(id, text);
    }
  }

  private void running() throws InterruptedException {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    AtomicBoolean outside = new AtomicBoolean();
    AtomicBoolean inside = new AtomicBoolean();
    AtomicInteger running = new AtomicInteger();
    AtomicBoolean together = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    rule("L2", !loop.inLoop(), "inLoop is true on thread " + Thread.currentThread().getName());
    for (int i = 0; i < tasks; i++) {
      int number = i;
      loop.execute(
          () -> {
            together.compareAndSet(false, running.incrementAndGet() != 1);
            order.add(number);
            threads.add(Thread.currentThread());
            outside.compareAndSet(false, !loop.inLoop());
            boolean[] ran = new boolean[1];
            if (number == 0) {
              loop.execute(() -> ran[0] = true);
            }
            inside.compareAndSet(false, ran[0]);
            running.decrementAndGet();
            done.incrementAndGet();
          });
    }
    CountDownLatch submitted = new CountDownLatch(SUBMITTERS);
    for (int i = 0; i < SUBMITTERS; i++) {
      Thread submitter =
          new Thread(
              () -> {
                for (int task = 0; task < tasks; task++) {
                  loop.execute(
                      () -> {
                        together.compareAndSet(false, running.incrementAndGet() != 1);
                        plain++;
                        running.decrementAndGet();
                        done.incrementAndGet();
                      });
                }
                submitted.countDown();
              });
      submitter.setDaemon(true);
      submitter.start();
    }
    boolean ran =
        submitted.await(10, TimeUnit.SECONDS)
            && await(() -> done.get() == (1 + SUBMITTERS) * tasks);
    rule("L1", ran, "ran " + done + " of " + (1 + SUBMITTERS) * tasks + " tasks");
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      expected.add(i);
    }
    rule("L1", List.copyOf(order).equals(expected), "tasks ran in another order");
    rule("L2", !outside.get(), "inLoop is false inside a task");
    rule("L3", !inside.get(), "execute ran the task inside the call");
    rule("L4", !loop.hasOneThread() || threads.size() == 1, "there were threads " + threads);
    rule("L5", !together.get(), "tasks ran at the same time");
    CountDownLatch read = new CountDownLatch(1);
    long[] sum = new long[1];
    loop.execute(
        () -> {
          sum[0] = plain;
          read.countDown();
        });
    boolean isRead = read.await(10, TimeUnit.SECONDS);
    rule(
        "L5",
        isRead && sum[0] == (long) SUBMITTERS * tasks,
        "tasks did not see each other's writes");
  }

  private void ending() throws InterruptedException {
    AtomicInteger times = new AtomicInteger();
    AtomicInteger withdrawn = new AtomicInteger();
    AtomicBoolean early = new AtomicBoolean();
    CountDownLatch lastTask = new CountDownLatch(1);
    CountDownLatch ends = new CountDownLatch(1);
    loop.onTermination(
        () -> {
          early.compareAndSet(false, lastTask.getCount() > 0);
          times.incrementAndGet();
        });
    loop.onTermination(withdrawn::incrementAndGet).run();
    CountDownLatch entered = new CountDownLatch(1);
    loop.execute(
        () -> {
          entered.countDown();
          try {
            ends.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            // The loop's framework ends it in the same way.
          }
          lastTask.countDown();
        });
    entered.await(10, TimeUnit.SECONDS);
    started.end();
    ends.countDown();
    rule("L6", await(() -> times.get() > 0), "the action at the end did not run");
    rule("L6", !early.get(), "the action at the end ran before the last task");
    AtomicInteger late = new AtomicInteger();
    loop.onTermination(late::incrementAndGet);
    rule("L9", await(() -> late.get() > 0), "an action after the end did not run");
    try {
      loop.execute(() -> {});
      rule("L8", false, "a task was taken after the end");
    } catch (RejectedExecutionException e) {
      // The expected exception.
    } catch (RuntimeException | Error e) {
      rule("L8", false, "after the end execute threw " + e);
    }
    rule(
        "L6", times.get() == 1 && late.get() == 1, "the action at the end ran " + times + " times");
    rule("L7", withdrawn.get() == 0, "an action ran that was withdrawn");
  }

  private boolean await(BooleanSupplier condition) {
    return Watch.until(condition, patience);
  }
}
