package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The calls of a {@link HuntRound} that ask handlers, and the bodies of these handlers. */
final class HuntHandlers {

  private final HuntRound round;
  private final HuntCalls calls;
  private final HuntEnds ends;
  private final HuntTally tally;

  /** Each gives the answer of an invocation whose handler has returned without one. */
  private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();

  HuntHandlers(HuntRound round, HuntCalls calls, HuntEnds ends, HuntTally tally) {
    this.round = round;
    this.calls = calls;
    this.ends = ends;
    this.tally = tally;
  }

  Queue<Runnable> answers() {
    return answers;
  }

  void startAsking(SplittableRandom random) {
    HuntEnds.Target target = ends.target(HuntEnds::isAnswer);
    JavaHandler<Long, Long> handler =
        JavaHandler.<Long, Long>answering(
                Long.class, Long.class, (number, answer) -> body(target, answer))
            .atOnce(1 + random.nextInt(3));
    JavaHandler<Long, Long> within =
        JavaHandler.<Long, Long>answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              tally.askedWithinPoll().incrementAndGet();
              return body(target, answer);
            });
    OwnerLoop owner = round.anyLoop(random);
    NativeCall<?> call =
        switch (random.nextInt(owner.hasOneThread() ? 7 : 4)) {
          case 4, 5 -> calls.localAsk.call(1L, within);
          case 6 -> calls.localAskInTurn.call(1L + random.nextInt(3), within);
          case 0 -> calls.askAtOnce.call(1L + random.nextInt(6), handler);
          case 1 -> calls.askOrGiveUp.call((long) random.nextInt(2), handler);
          default -> calls.ask.call(1L, handler);
        };
    round.start(call, owner, target);
  }

  /**
   * A handler's body: runs an action, then answers in some way or leaves the answer to a later
   * action.
   */
  private Runnable body(HuntEnds.Target own, HandlerAnswer<Long> answer) {
    SplittableRandom random = round.act();
    if (random == null) {
      answer.value(0L);
      return null;
    }
    switch (random.nextInt(7)) {
      case 0 -> throw new IllegalStateException("as planned");
      case 1 -> answer.error(new IllegalStateException("as planned"));
      case 2 -> {
        own.cancel();
        answer.value(1L);
      }
      case 3, 4 -> {
        answers.add(() -> answer.value(1L));
        return this::withdraw;
      }
      case 5 -> {
        JavaHandler<Long, Long> inner =
            JavaHandler.answering(
                Long.class, Long.class, (number, innermost) -> body(own, innermost));
        CompletableFuture<Long> below =
            round.stage(calls.ask.call(1L, inner), round.anyLoop(random), HuntEnds::isAnswer);
        below.whenComplete((value, error) -> settle(answer, value, error));
        return () -> {
          withdraw();
          below.cancel(false);
        };
      }
      default -> answer.value(1L);
    }
    if (random.nextBoolean()) {
      round.act(); // this action runs after the answer, which it must not disturb
    }
    return null;
  }

  /** Leaves to a later action what remains to be done when Rust drops the invocation. */
  private void withdraw() {
    tally.withdrawn().incrementAndGet();
    round.act();
  }

  private static void settle(HandlerAnswer<Long> answer, Long value, Throwable error) {
    if (error != null) {
      answer.error(error);
    } else {
      answer.value(value);
    }
  }
}
