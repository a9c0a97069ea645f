package dev.loopbridge.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.DataException;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.reactor.ReactorBridge;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The functions of the library, called by the generated classes. */
class OrdersTest {

  private static NativeRuntime runtime;
  private static Orders orders;

  @BeforeAll
  static void open() {
    runtime = NativeRuntime.create(NativeLibrary.load("orders"));
    orders = new Orders(runtime);
  }

  @AfterAll
  static void close() {
    runtime.close();
  }

  private static NewOrder of(String customer, String note) {
    return new NewOrder(
        customer, List.of(new Item("tea", 3, 250), new Item("müsli", 1, 400)), note);
  }

  @Test
  void aRecordGoesInAndOneComesBack() throws Exception {
    Instant before = Instant.now();
    Order order = orders.place(of("ann", "ring twice")).await();
    assertThat(order.customer()).isEqualTo("ann");
    assertThat(order.totalCents()).isEqualTo(3 * 250 + 400);
    assertThat(order.status()).isEqualTo(new Status.Open());
    assertThat(order.note()).isEqualTo("ring twice");
    assertThat(order.placed()).isBetween(before, Instant.now());
    assertThat(orders.find(order.id()).await()).isEqualTo(order);
  }

  @Test
  void noneIsNull() throws Exception {
    assertThat(orders.place(of("ann", null)).await().note()).isNull();
    assertThat(orders.find(-1).await()).isNull();
    assertThat(orders.median(new long[0]).await()).isNull();
  }

  @Test
  void aListComesAsOneResult() throws Exception {
    for (int i = 0; i < 100; i++) {
      orders.place(of("bob", "note " + i)).await();
    }
    List<Order> all = orders.ordersOf("bob", null).await();
    assertThat(all).hasSize(100).extracting(Order::note).contains("note 0", "note 99");
    assertThat(orders.ordersOf("bob", 2L).await()).isEqualTo(all.subList(98, 100));
    assertThat(orders.ordersOf("nobody", null).await()).isEmpty();
    assertThat(orders.totals().await()).containsEntry("bob", 100L * 1150);
  }

  @Test
  void aListThatTakesMoreThanARecordGoesIn() throws Exception {
    List<Item> items = LongStream.range(0, 1_000).mapToObj(i -> new Item("s" + i, 1, i)).toList();
    Order order = orders.place(new NewOrder("carl", items, null)).await();
    assertThat(order.totalCents()).isEqualTo(999 * 1_000 / 2);
    assertThat(orders.median(LongStream.range(0, 10_001).toArray()).await()).isEqualTo(5_000);
  }

  @Test
  void enumsCross() throws Exception {
    Order order = orders.place(of("dora", null)).await();
    Order shipped = orders.ship(order.id(), "post", Speed.EXPRESS).await();
    assertThat(shipped.status())
        .isEqualTo(new Status.Shipped("post", "post-" + order.id() + "-Express"));
    assertThat(orders.takes(Speed.STANDARD).await()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void aCallIsAMonoOfTheRecord() {
    Orders orders = new Orders(runtime); // looks all functions up
    List<Item> items = List.of(new Item("tea", 3, 250));
    Mono<Order> placed = orders.place(new NewOrder("eve", items, null)).as(ReactorBridge.mono());
    assertThat(placed.block()).extracting(Order::totalCents).isEqualTo(750L);
  }

  @Test
  void anErrorOfRustIsThrown() {
    assertThatThrownBy(() -> orders.place(new NewOrder("ann", List.of(), null)).await())
        .isInstanceOf(NativeException.class)
        .hasMessage("the order of ann is empty");
  }

  @Test
  void whatRustCannotHoldIsRefusedBeforeTheCall() {
    List<Item> negative = List.of(new Item("tea", -1, 250));
    assertThatThrownBy(() -> orders.place(new NewOrder("ann", negative, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("argument 1 of place: -1 is no u32, which is from 0 to 4294967295");
    assertThatThrownBy(() -> orders.place(null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("argument 1 of place: it is null");
    assertThatThrownBy(() -> new NewOrder(null, List.of(), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("customer");
    List<Item> withNull = Arrays.asList(new Item("tea", 1, 1), null);
    assertThatThrownBy(() -> orders.place(new NewOrder("ann", withNull, null)))
        .hasMessageContaining("element 1 of a list is null");
  }

  @Test
  void totalsKeepTheOrderOfRust() throws Exception {
    orders.place(of("zoe", null)).await();
    orders.place(of("abe", null)).await();
    Map<String, Long> totals = orders.totals().await();
    assertThat(List.copyOf(totals.keySet())).isSorted().contains("abe", "zoe");
  }
}
