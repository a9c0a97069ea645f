package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The steps that other threads leave for one loop, in the order in which they left them.
 *
 * <p>The steps are linked by themselves into a stack, which the loop takes whole. A push becomes
 * visible by one compare-and-set, after which nothing is left to be done: a thread that fails
 * within a push, for want of stack, has pushed its step or has not, and blocks no other thread.
 *
 * <ol>
 *   <li>A step whose {@code next} is null is in no inbox. The thread that moves it from null has
 *       claimed the step and pushes it; a thread that finds it claimed does nothing.
 *   <li>The loop sets {@code next} to null before it runs the step. So a claim that fails was
 *       overtaken by no run: the run that follows sees what the failed claimant wrote before.
 * </ol>
 */
final class Inbox {

  private static final VarHandle NEXT;
  private static final VarHandle TOP;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEXT = lookup.findVarHandle(LoopStep.class, "next", LoopStep.class);
      TOP = lookup.findVarHandle(Inbox.class, "top", LoopStep.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Lies below the last step of a stack, where null would mean that the step is in no stack. */
  private static final LoopStep BOTTOM =
      new LoopStep() {
        @Override
        void step() {
          throw new IllegalStateException("the bottom of an inbox is no step");
        }
      };

  @SuppressWarnings("FieldMayBeFinal") // written through TOP
  private volatile LoopStep top = BOTTOM;

  /** The steps taken from the stack and turned over, the oldest first. Owner loop only. */
  private LoopStep taken = BOTTOM;

  /** Returns whether the caller may link the step, which was linked nowhere yet. Any thread. */
  static boolean claim(LoopStep step) {
    return NEXT.compareAndSet(step, null, BOTTOM);
  }

  /** Leaves a step for the loop, unless it waits there already. Any thread. */
  void push(LoopStep step) {
    if (claim(step)) {
      LoopStep below;
      do {
        below = top;
        step.next = below;
      } while (!TOP.compareAndSet(this, below, step));
    }
  }

  /** Returns whether no step waits. Owner loop only. */
  boolean isEmpty() {
    return taken == BOTTOM && top == BOTTOM;
  }

  /** Takes the step that has waited longest; null if none waits. Owner loop only. */
  @Nullable LoopStep poll() {
    LoopStep first = taken;
    if (first == BOTTOM) {
      if (top == BOTTOM) {
        return null;
      }
      first = takeAll();
    }
    taken = first.linked();
    first.next = null; // before the step runs: from here on it may be pushed again
    return first;
  }

  private LoopStep takeAll() {
    LoopStep step = (LoopStep) TOP.getAndSet(this, BOTTOM);
    LoopStep first = BOTTOM;
    while (step != BOTTOM) {
      LoopStep below = step.linked();
      step.next = first;
      first = step;
      step = below;
    }
    return first;
  }
}
