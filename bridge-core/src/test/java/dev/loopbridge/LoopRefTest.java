package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** An object of Java's stays on its loop, on whichever threads its references are used. */
class LoopRefTest extends LoopScene {

  private static final int MANY = 1_000_000;
  private static final int AT_ONCE = 2_000;

  private final List<String> rows = new ArrayList<>(List.of("first"));
  private final LoopRef<List<String>> object = LoopRef.of(loop, rows);

  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  private NativeFunction<LoopRef> giving(String name) {
    return runtime.function(name, LoopRef.class, LoopRef.class);
  }

  @Test
  void theObjectIsHadOnItsLoopAlone() throws Exception {
    assertThatThrownBy(object::get)
        .isInstanceOf(WrongLoopException.class)
        .hasMessageContaining("LoopRef(java.util.ArrayList of NettyLoop(")
        .hasMessageContaining("made at dev.loopbridge.LoopRefTest")
        .hasMessageContaining("used on thread " + Thread.currentThread().getName());
    assertThat(onLoop(object::get)).isSameAs(rows);
  }

  @Test
  void aCallHopsToTheLoop() throws Exception {
    CompletableFuture<Boolean> added = object.call(list -> loop.inLoop() && list.add("second"));
    assertThat(added.get(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Integer> size = object.call(List::size);
    assertThat(size.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    CompletableFuture<String> missing = object.call(list -> list.get(7));
    assertThatThrownBy(() -> missing.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IndexOutOfBoundsException.class);
    assertThat(onLoop(() -> object.call(List::size).isDone())).isTrue();
  }

  @Test
  void aCallOfAnObjectWhoseLoopIsGoneFails() {
    NettyLoop gone = NettyLoop.of(NettyNioLoopTest.newLoop());
    LoopRef<String> orphan = LoopRef.of(gone, "text");
    NettyNioLoopTest.end(gone);
    Builtin.eventually().until(() -> gone.executor().isTerminated());
    assertThatThrownBy(() -> orphan.call(String::length).get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OwnerGoneException.class);
  }

  @Test
  void rustGivesBackTheVeryReference() throws Exception {
    assertThat(run(giving("giveBack").call(object))).isSameAs(object);
    assertThat(run(giving("giveBackLate").call(object))).isSameAs(object);
    assertThat(run(giving("giveBackLate").call((Object) null))).isNull();
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  @SuppressWarnings({"rawtypes", "unchecked"}) // a class literal has no type arguments
  void aHandlerIsGivenWhatRustHolds() throws Exception {
    JavaHandler<LoopRef, Long> count =
        JavaHandler.of(
            LoopRef.class,
            Long.class,
            given -> (long) ((LoopRef<List<String>>) given).get().size());
    NativeFunction<Long> showTo =
        runtime.function("showTo", Long.class, LoopRef.class, JavaHandler.class);
    assertThat(run(showTo.call(object, count))).isEqualTo(1);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anObjectOfAnotherLoopIsRefusedOnTheWayIn() throws Exception {
    LoopRef<String> foreign = LoopRef.of(runtime.defaultLoop(), "text");
    assertThatThrownBy(() -> run(giving("giveBack").call(foreign)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(WrongLoopException.class)
        .hasMessageContaining("was passed to a call that " + loop);
    Builtin.awaitNothingLeft(runtime);
    assertThat(run(giving("giveBack").call(object))).as("the port goes on").isSameAs(object);
  }

  @Test
  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  void anObjectOfAnotherLoopIsRefusedOnTheWayBack() throws Exception {
    run(runtime.function("keepObject", Void.class, LoopRef.class).call(object));
    NativeCall<LoopRef> kept = runtime.function("keptObject", LoopRef.class).call();
    assertThat(run(kept)).isSameAs(object);
    CompletableFuture<LoopRef> elsewhere = kept.toFuture(runtime.defaultLoop());
    assertThatThrownBy(() -> elsewhere.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(WrongLoopException.class)
        .hasMessageContaining("keptObject returned an object of another loop");
    AtomicInteger shown = new AtomicInteger();
    JavaHandler<LoopRef, Long> show =
        JavaHandler.of(LoopRef.class, Long.class, given -> (long) shown.incrementAndGet());
    CompletableFuture<Long> toForeign =
        runtime
            .function("showKeptTo", Long.class, JavaHandler.class)
            .call(show)
            .toFuture(runtime.defaultLoop());
    assertThatThrownBy(() -> toForeign.get(30, TimeUnit.SECONDS))
        .hasMessageContaining("dev.loopbridge.WrongLoopException");
    assertThat(shown).hasValue(0);
    run(runtime.function("forgetObject", Void.class).call());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aClassThatIsNoReferenceIsRefused() {
    assertThatThrownBy(() -> giving("giveBack").call("text"))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("expected LoopRef");
    assertThatThrownBy(() -> runtime.function("giveBack", List.class, LoopRef.class))
        .isInstanceOf(SignatureMismatchException.class);
  }

  @Test
  void aMillionTicketsDroppedOnOtherThreadsComeHome() throws Exception {
    NativeFunction<Void> dropElsewhere =
        runtime.function("dropElsewhere", Void.class, LoopRef.class);
    NativeCall<Void> drop = dropElsewhere.call(object);
    Port port = runtime.on(loop);
    AtomicLong settled = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    RawCallback count = (ticket, result) -> (result.isValue() ? settled : failed).incrementAndGet();
    long references = runtime.metrics().globalReferences();
    for (int started = 0; started < MANY; started += AT_ONCE) {
      long before = started;
      Builtin.eventually()
          .until(() -> settled.get() == before && runtime.metrics().heldObjects() == 0);
      loop.execute(
          () -> {
            for (int i = 0; i < AT_ONCE; i++) {
              drop.start(port, count);
            }
          });
    }
    Builtin.eventually().until(() -> settled.get() + failed.get() == MANY);
    Builtin.awaitNothingLeft(runtime);
    assertThat(failed).hasValue(0);
    assertThat(runtime.metrics().globalReferences()).isEqualTo(references);
  }

  @Test
  void aLoopMayDieUnderItsTickets() throws Exception {
    NettyLoop dying = NettyLoop.of(NettyNioLoopTest.newLoop());
    LoopRef<String> text = LoopRef.of(dying, "text");
    runtime
        .function("keepObject", Void.class, LoopRef.class)
        .call(text)
        .toFuture(dying)
        .get(30, TimeUnit.SECONDS);
    NativeCall<Void> drop = runtime.function("dropElsewhere", Void.class, LoopRef.class).call(text);
    Port port = runtime.on(dying);
    dying.execute(
        () -> {
          for (int i = 0; i < AT_ONCE; i++) {
            drop.start(port, (ticket, result) -> {});
          }
        });
    NettyNioLoopTest.end(dying);
    Builtin.awaitNothingLeft(runtime);
    run(runtime.function("forgetObject", Void.class).call());
  }
}
