package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cases of equal time stamps, which a coarse system clock makes likely and a fine one hides. */
class LoopClockTest {

  private final NettyLoop loop = Loops.netty();
  private final LoopClock clock = new LoopClock(loop);

  @AfterEach
  void end() {
    Loops.end(loop);
  }

  @Test
  void tasksDueAtTheSameNanosecondRunInTheOrderTheyCame() {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    long due = System.nanoTime() + 1_000_000;
    for (int i = 0; i < 100; i++) {
      int number = i;
      TimedTask task = TimedTask.once(() -> order.add(number), clock);
      task.dueNanos = due;
      clock.add(task);
    }
    await().atMost(Builtin.PATIENCE).until(() -> order.size() == 100);
    assertThat(order).isEqualTo(IntStream.range(0, 100).boxed().toList());
  }

  @Test
  void closingDropsWhatIsKept() throws Exception {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    TimedTask task = TimedTask.once(() -> order.add(1), clock);
    task.dueNanos = System.nanoTime();
    OnLoop.call(
        loop,
        () -> {
          clock.add(task);
          clock.close();
          return null;
        });
    OnLoop.turn(loop);
    OnLoop.turn(loop);
    assertThat(order).isEmpty();
  }
}
