package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.PortLife.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Checks each state of a port with each event and each question against a table written by hand.
 */
@Timeout(30)
class PortLifeTest {

  /**
   * One line for each state: what each event makes of it and orders, then which questions are true.
   */
  private static final String TABLE =
      """
      state               | discard                   | drained | ended              | unused                    | orphan              | abandoned           | true
      OPEN FOLLOWED       | DISCARDED FOLLOWED CLOSE  | SETTLE  | ENDED FOLLOWED     |                           | OPEN ORPHANED       |                     | open read driving
      OPEN ORPHANED       | DISCARDED ORPHANED CLOSE  | SETTLE  | ENDED ORPHANED     | DISCARDED ORPHANED CLOSE  |                     | OPEN ABANDONED      | orphaned read
      OPEN ABANDONED      | DISCARDED ABANDONED CLOSE | SETTLE  | ENDED ABANDONED    | DISCARDED ABANDONED CLOSE |                     |                     | orphaned abandoned read
      ENDED FOLLOWED      | RELEASED FOLLOWED CLOSE   |         |                    | RELEASED FOLLOWED CLOSE   | ENDED ORPHANED      |                     | ended driving
      ENDED ORPHANED      | RELEASED ORPHANED CLOSE   |         |                    | RELEASED ORPHANED CLOSE   |                     | ENDED ABANDONED     | ended orphaned
      ENDED ABANDONED     | RELEASED ABANDONED CLOSE  |         |                    | RELEASED ABANDONED CLOSE  |                     |                     | ended orphaned abandoned
      DISCARDED FOLLOWED  |                           | SETTLE  | RELEASED FOLLOWED  |                           | DISCARDED ORPHANED  |                     | released
      DISCARDED ORPHANED  |                           | SETTLE  | RELEASED ORPHANED  |                           |                     | DISCARDED ABANDONED | released orphaned
      DISCARDED ABANDONED |                           | SETTLE  | RELEASED ABANDONED |                           |                     |                     | released orphaned abandoned
      RELEASED FOLLOWED   |                           |         |                    |                           | RELEASED ORPHANED   |                     | ended released
      RELEASED ORPHANED   |                           |         |                    |                           |                     | RELEASED ABANDONED  | ended released orphaned
      RELEASED ABANDONED  |                           |         |                    |                           |                     |                     | ended released orphaned abandoned
      REFUSING FOLLOWED   |                           |         |                    |                           | REFUSING ORPHANED   |                     | ended released refusing
      REFUSING ORPHANED   |                           |         |                    |                           |                     | REFUSING ABANDONED  | ended released refusing orphaned
      REFUSING ABANDONED  |                           |         |                    |                           |                     |                     | ended released refusing orphaned abandoned
      """;

  private static final Map<String, Function<PortLife, Order>> EVENTS =
      Map.of(
          "discard",
          PortLife::discard,
          "drained",
          PortLife::drained,
          "ended",
          life -> orders(life::ended),
          "unused",
          PortLife::unused,
          "orphan",
          life -> orders(life::orphan),
          "abandoned",
          life -> orders(life::abandoned));

  private static final Map<String, Predicate<PortLife>> QUESTIONS =
      Map.of(
          "open", PortLife::isOpen,
          "read", PortLife::isRead,
          "driving", PortLife::isDriving,
          "ended", PortLife::isEnded,
          "released", PortLife::isReleased,
          "refusing", PortLife::isRefusing,
          "orphaned", PortLife::isOrphaned,
          "abandoned", PortLife::isAbandoned);

  private static Order orders(Runnable event) {
    event.run();
    return Order.NOTHING;
  }

  private static List<List<String>> rows() {
    return TABLE
        .lines()
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
        .toList();
  }

  /** A new life that events have brought to this state. */
  private static PortLife in(String state) {
    PortLife life = state.startsWith("REFUSING") ? PortLife.refusing() : PortLife.open();
    if (state.startsWith("ENDED") || state.startsWith("RELEASED")) {
      life.ended();
    }
    if (state.startsWith("DISCARDED") || state.startsWith("RELEASED")) {
      assertThat(life.discard()).isEqualTo(Order.CLOSE);
    }
    if (!state.endsWith("FOLLOWED")) {
      life.orphan();
    }
    if (state.endsWith("ABANDONED")) {
      life.abandoned();
    }
    assertThat(life).hasToString(state);
    return life;
  }

  @TestFactory
  Stream<DynamicTest> eachEventInEachState() {
    List<String> heads = rows().get(0);
    List<DynamicTest> tests = new ArrayList<>();
    for (List<String> row : rows().subList(1, rows().size())) {
      String state = row.get(0);
      for (int column = 1; column < heads.size() - 1; column++) {
        String event = heads.get(column);
        if (event.equals("abandoned") && state.endsWith("FOLLOWED")) {
          continue; // the port causes this event on an orphaned loop only
        }
        String expected = row.get(column);
        tests.add(
            DynamicTest.dynamicTest(state + ", " + event, () -> meet(state, event, expected)));
      }
    }
    assertThat(tests).hasSize(15 * 6 - 5);
    return tests.stream();
  }

  private static void meet(String state, String event, String expected) {
    PortLife life = in(state);
    String order = EVENTS.get(event).apply(life).name();
    String next = life.toString().equals(state) ? "" : life.toString();
    String met = order.equals("NOTHING") ? next : (next + " " + order).strip();
    assertThat(met).isEqualTo(expected);
  }

  @TestFactory
  Stream<DynamicTest> eachQuestionInEachState() {
    return rows().stream()
        .skip(1)
        .map(row -> DynamicTest.dynamicTest(row.get(0), () -> ask(row.get(0), row.get(7))));
  }

  private static void ask(String state, String expected) {
    PortLife life = in(state);
    String answers =
        QUESTIONS.entrySet().stream()
            .filter(question -> question.getValue().test(life))
            .map(Map.Entry::getKey)
            .sorted()
            .collect(Collectors.joining(" "));
    assertThat(answers).isEqualTo(String.join(" ", new TreeSet<>(List.of(expected.split(" ")))));
  }

  /** What a thread that ends the loop writes, and what the loop's last task writes, both count. */
  @Test
  void noEventIsLostToAnotherThreads() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      PortLife life = PortLife.open();
      CountDownLatch together = new CountDownLatch(2);
      Thread other =
          new Thread(
              () -> {
                together.countDown();
                await(together);
                life.orphan();
              });
      other.start();
      together.countDown();
      await(together);
      life.ended();
      other.join();
      assertThat(life).hasToString("ENDED ORPHANED");
    }
  }

  private static void await(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }
}
