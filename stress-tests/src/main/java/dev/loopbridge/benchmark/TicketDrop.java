package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Measures the drop of one loop's tickets on another thread until the loop has all objects back.
 */
final class TicketDrop {

  static final String BRIDGE = "bridge JavaRef, by a Tokio worker";
  static final String JAVA = "Java, execute for each drop";

  private static final int TICKETS = 1 << 14;
  private static final long PATIENCE_SECONDS = 60;

  private TicketDrop() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    // Each ticket takes a place, and so does the call that passes it.
    try (Ground ground = new Ground(builder -> builder.maxInFlight(2 * TICKETS))) {
      Arm java = new Java(ground);
      return List.of(
          harness.compare(
              "ticket-drop",
              "Dropped on another thread and taken back, " + Metric.round(TICKETS) + " at once",
              java.name(),
              List.of(new Bridge(ground), java)));
    }
  }

  /** One run is one burst. */
  private abstract static class Burst implements Arm {

    private final String name;
    final Ground ground;

    // Only the loop uses this.
    private CompletableFuture<Void> through;

    Burst(String name, Ground ground) {
      this.name = name;
      this.ground = ground;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare() throws Exception {
      onLoop(this::hold);
    }

    @Override
    public long run(long nanos) throws Exception {
      onLoop(this::release);
      return TICKETS;
    }

    private void onLoop(Runnable task) throws Exception {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      ground.loop.execute(
          () -> {
            through = ended;
            try {
              task.run();
            } catch (RuntimeException e) {
              ended.completeExceptionally(e);
            }
          });
      ended.get(PATIENCE_SECONDS, SECONDS);
    }

    /** Makes the tickets, and {@linkplain #through() ends}; on the loop, as the next method. */
    abstract void hold();

    /** Lets another thread drop the tickets, and ends when the objects are back. */
    abstract void release();

    void through() {
      through.complete(null);
    }
  }

  private static final class Bridge extends Burst {

    private final NativeRuntime runtime;
    private final RawPort port;
    private final NativeCall<Void> keep;
    private final NativeCall<Long> drop;

    Bridge(Ground ground) {
      super(BRIDGE, ground);
      runtime = ground.runtime;
      port = RawPort.of(runtime, ground.owner);
      LoopRef<Object> object = LoopRef.of(ground.owner, new Object());
      keep = Fn.KEEP_TICKET.call(runtime, object);
      drop = Fn.DROP_TICKETS.call(runtime);
    }

    @Override
    void hold() {
      for (int i = 0; i < TICKETS; i++) {
        port.start(keep, (ticket, result) -> {});
      }
      awaitHeld(TICKETS);
    }

    @Override
    void release() {
      port.start(drop, (ticket, result) -> awaitHeld(0));
    }

    /** Checks now, and then once a turn, until so many objects are held. */
    private void awaitHeld(int tickets) {
      var metrics = runtime.metrics();
      boolean settling = tickets > 0 && metrics.liveCalls() > 0;
      if (settling || metrics.heldObjects() != tickets) {
        ground.loop.execute(() -> awaitHeld(tickets));
      } else {
        through();
      }
    }

    @Override
    public Crossings crossings() {
      return Crossings.of(runtime.metrics());
    }
  }

  /** The arm in Java: a loop task for each drop, and the same table of free places. */
  private static final class Java extends Burst {

    private final Object[] held = new Object[TICKETS];
    private final ArrayDeque<Integer> free = new ArrayDeque<>(TICKETS);

    Java(Ground ground) {
      super(JAVA, ground);
      for (int i = 0; i < TICKETS; i++) {
        free.add(i);
      }
    }

    @Override
    void hold() {
      Object object = new Object();
      while (!free.isEmpty()) {
        held[free.remove()] = object;
      }
      through();
    }

    @Override
    void release() {
      ground.pool.execute(
          () -> {
            for (int i = 0; i < TICKETS; i++) {
              int place = i;
              ground.loop.execute(() -> back(place));
            }
          });
    }

    private void back(int place) {
      held[place] = null;
      free.add(place);
      if (free.size() == TICKETS) {
        through();
      }
    }
  }
}
