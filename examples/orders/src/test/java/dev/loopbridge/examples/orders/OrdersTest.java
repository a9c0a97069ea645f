package dev.loopbridge.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.ClosedException;
import dev.loopbridge.DataException;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.SignatureMismatchException;
import dev.loopbridge.WrongRuntimeException;
import dev.loopbridge.reactor.ReactorBridge;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The functions of the library, called by the generated classes. */
class OrdersTest {

  private static NativeRuntime runtime;
  private static Orders orders;
  private static Shop shop;

  @BeforeAll
  static void open() throws Exception {
    runtime = NativeRuntime.create(NativeLibrary.load("orders"));
    orders = new Orders(runtime);
    shop = Shop.open(orders).await();
  }

  @AfterAll
  static void close() {
    shop.close();
    runtime.close();
  }

  private static NewOrder of(String customer, String note) {
    return new NewOrder(
        customer, List.of(new Item("tea", 3, 250), new Item("müsli", 1, 400)), note);
  }

  @Test
  void aRecordGoesInAndOneComesBack() throws Exception {
    Instant before = Instant.now();
    Order order = shop.place(of("ann", "ring twice")).await();
    assertThat(order.customer()).isEqualTo("ann");
    assertThat(order.totalCents()).isEqualTo(3 * 250 + 400);
    assertThat(order.status()).isEqualTo(new Status.Open());
    assertThat(order.note()).isEqualTo("ring twice");
    assertThat(order.placed()).isBetween(before, Instant.now());
    assertThat(shop.find(order.id()).await()).isEqualTo(order);
  }

  @Test
  void noneIsNull() throws Exception {
    assertThat(shop.place(of("ann", null)).await().note()).isNull();
    assertThat(shop.find(-1).await()).isNull();
    assertThat(orders.median(new long[0]).await()).isNull();
  }

  @Test
  void aListComesAsOneResult() throws Exception {
    for (int i = 0; i < 100; i++) {
      shop.place(of("bob", "note " + i)).await();
    }
    List<Order> all = shop.ordersOf("bob", null).await();
    assertThat(all).hasSize(100).extracting(Order::note).contains("note 0", "note 99");
    assertThat(shop.ordersOf("bob", 2L).await()).isEqualTo(all.subList(98, 100));
    assertThat(shop.ordersOf("nobody", null).await()).isEmpty();
    assertThat(shop.totals().await()).containsEntry("bob", 100L * 1150);
  }

  @Test
  void aListThatTakesMoreThanARecordGoesIn() throws Exception {
    List<Item> items = LongStream.range(0, 1_000).mapToObj(i -> new Item("s" + i, 1, i)).toList();
    Order order = shop.place(new NewOrder("carl", items, null)).await();
    assertThat(order.totalCents()).isEqualTo(999 * 1_000 / 2);
    assertThat(orders.median(LongStream.range(0, 10_001).toArray()).await()).isEqualTo(5_000);
  }

  @Test
  void enumsCross() throws Exception {
    Order order = shop.place(of("dora", null)).await();
    Order shipped = shop.ship(order.id(), "post", Speed.EXPRESS).await();
    assertThat(shipped.status())
        .isEqualTo(new Status.Shipped("post", "post-" + order.id() + "-Express"));
    assertThat(orders.takes(Speed.STANDARD).await()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void aCallIsAMonoOfTheRecord() {
    Orders orders = new Orders(runtime); // looks all functions up
    List<Item> items = List.of(new Item("tea", 3, 250));
    Mono<Order> placed =
        Mono.usingWhen(
            Shop.open(orders).as(ReactorBridge.mono()),
            shop -> shop.place(new NewOrder("eve", items, null)).as(ReactorBridge.mono()),
            shop -> Mono.fromRunnable(shop::close)); // Rust drops it after its calls
    assertThat(placed.block()).extracting(Order::totalCents).isEqualTo(750L);
  }

  @Test
  void shopsAreOnesOfTheirOwn() throws Exception {
    long id = shop.place(of("fay", null)).await().id();
    try (Shop other = Shop.open(orders).await()) {
      assertThat(other.find(id).await()).isNull();
    }
    assertThat(shop.find(id).await()).isNotNull();
  }

  @Test
  void aShopThatIsClosedIsRefused() throws Exception {
    Shop closed = Shop.open(orders).await();
    closed.close();
    closed.close();
    assertThatThrownBy(() -> closed.totals().await())
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("object<Shop>");
    assertThatThrownBy(() -> shop.handOver(closed).await()).isInstanceOf(ClosedException.class);
  }

  @Test
  void allLoopsUseOneShop() throws Exception {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(4, NioIoHandler.newFactory());
    try (Shop busy = Shop.open(orders).await()) {
      List<CompletableFuture<Order>> placed = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        NettyLoop loop = NettyLoop.of(loops.next());
        placed.add(busy.place(of("loop " + i % 4, null)).toFuture(loop));
      }
      Set<Long> numbers = new HashSet<>();
      for (CompletableFuture<Order> order : placed) {
        numbers.add(order.get(30, TimeUnit.SECONDS).id());
      }
      assertThat(numbers).hasSize(400);
      assertThat(busy.totals().await()).hasSize(4).containsEntry("loop 3", 100L * 1150);
    } finally {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
  }

  /** The calls were started before, and Rust reads them later. */
  @Test
  void aShopThatIsClosedDuringCallsServesThem() throws Exception {
    try (NativeRuntime own = NativeRuntime.create(NativeLibrary.load("orders"))) {
      Orders functions = new Orders(own);
      for (int i = 0; i < 200; i++) {
        Shop closing = Shop.open(functions).await();
        CompletableFuture<Order> placed = closing.place(of("gil", null)).toFuture();
        CompletableFuture<Map<String, Long>> totals = closing.totals().toFuture();
        closing.close();
        assertThat(placed.get(30, TimeUnit.SECONDS).id()).isEqualTo(1);
        assertThat(totals.get(30, TimeUnit.SECONDS)).isIn(Map.of(), Map.of("gil", 1150L));
      }
    }
  }

  @Test
  void aShopIsAnArgument() throws Exception {
    try (Shop from = Shop.open(orders).await();
        Shop to = Shop.open(orders).await()) {
      to.place(of("hal", null)).await();
      from.place(of("ida", null)).await();
      assertThat(from.handOver(to).await()).isNull();
      assertThat(from.totals().await()).isEmpty();
      assertThat(to.find(2).await()).extracting(Order::customer).isEqualTo("ida");
      to.handOver(to).await();
      assertThat(to.totals().await()).hasSize(2);
    }
  }

  @Test
  void noShopAndOneOfAnotherRuntimeAreRefused() throws Exception {
    assertThatThrownBy(() -> shop.handOver(null))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("argument 2 of Shop.hand_over");
    try (NativeRuntime second = NativeRuntime.create(NativeLibrary.load("orders"));
        Shop elsewhere = Shop.open(new Orders(second)).await()) {
      assertThatThrownBy(() -> shop.handOver(elsewhere).await())
          .isInstanceOf(WrongRuntimeException.class)
          .hasMessageContaining("made by Shop.open");
      assertThat(elsewhere.totals().await()).isEmpty();
    }
  }

  @Test
  void anErrorOfRustIsThrown() {
    assertThatThrownBy(() -> shop.place(new NewOrder("ann", List.of(), null)).await())
        .isInstanceOf(NativeException.class)
        .hasMessage("the order of ann is empty");
  }

  @Test
  void whatRustCannotHoldIsRefusedBeforeTheCall() {
    List<Item> negative = List.of(new Item("tea", -1, 250));
    assertThatThrownBy(() -> shop.place(new NewOrder("ann", negative, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "argument 2 of Shop.place: -1 is no u32, which is from 0 to 4294967295");
    assertThatThrownBy(() -> shop.place(null))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("argument 2 of Shop.place: it is null");
    assertThatThrownBy(() -> new NewOrder(null, List.of(), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("customer");
    List<Item> withNull = Arrays.asList(new Item("tea", 1, 1), null);
    assertThatThrownBy(() -> shop.place(new NewOrder("ann", withNull, null)))
        .hasMessageContaining("element 1 of a list is null");
  }

  @Test
  void totalsKeepTheOrderOfRust() throws Exception {
    shop.place(of("zoe", null)).await();
    shop.place(of("abe", null)).await();
    Map<String, Long> totals = shop.totals().await();
    assertThat(List.copyOf(totals.keySet())).isSorted().contains("abe", "zoe");
  }
}
