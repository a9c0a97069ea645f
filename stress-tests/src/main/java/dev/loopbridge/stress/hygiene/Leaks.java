package dev.loopbridge.stress.hygiene;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;

/** Checks that after many calls and runtimes a JVM has exactly the resources that it had before. */
final class Leaks {

  static final String NAME = "leaks";

  /** The JVM's options: no compilers, since these hold references of their own. */
  private static final List<String> OPTIONS =
      List.of("-Xint", "-XX:+UseSerialGC", "-Xmx96m", "-XX:NativeMemoryTracking=summary");

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int WARM_UP_CALLS = 2_000;
  private static final int WARM_UP_RUNTIMES = 5;
  private static final int CALLS_EACH = 100;
  private static final int PLANTED = 5;
  private static final long MOST_TRACKED_KIB = 2_048;
  private static final double MOST_OF_A_CORE = 0.01;

  private Leaks() {}

  static void run(Trial trial) throws Exception {
    long calls = trial.choose(2_000L, 15_000L, 1_000_000L);
    int runtimes = trial.choose(5, 40, 1_000);
    try (LoadChild load = LoadChild.serve(trial, NAME, OPTIONS, LIMIT)) {
      try {
        use(load, WARM_UP_CALLS, WARM_UP_RUNTIMES);
        load.send("rest");
        load.rested();
        load.references(); // lets the JVM start the thread that answers
        load.trackedKib();
        load.send("rest");
        Census census = load.rested();
        LoadChild.References references = load.references();
        long tracked = load.trackedKib();

        use(load, calls, runtimes);
        load.send("rest " + census.line());
        Census now = load.rested();
        LoadChild.References referencesNow = load.references();
        load.judge(
            Invariant.I6,
            "",
            referencesNow.equals(references) ? "" : referencesNow + " were " + references);
        load.judge(Invariant.I6, "", now.within(census) ? "" : now + " was " + census);
        long grown = load.trackedKib() - tracked;
        load.judge(
            Invariant.I6,
            "",
            grown <= MOST_TRACKED_KIB ? "" : "tracked memory has grown by " + grown + " KiB");
        trial.ran(Invariant.I6, "calls between two censuses", calls);
        trial.ran(Invariant.I16, "runtimes between two censuses", runtimes);
        idle(trial, load);
        controls(trial, load, referencesNow);
        load.send("close");
        load.judge(Invariant.I6, "after close: ", load.answer(Load.CLOSED));
      } catch (LoadChild.DiedException e) {
        // The events that follow report the result.
      }
      load.judgeEnd(Invariant.I6);
    }
  }

  private static void use(LoadChild load, long calls, int runtimes) throws Exception {
    load.send("run " + calls);
    load.answer(Load.RAN);
    load.send("cycle " + runtimes + " " + CALLS_EACH);
    load.answer(Load.RAN);
  }

  private static void idle(Trial trial, LoadChild load) throws Exception {
    load.send("idle 1000");
    String[] idled = load.answer(Load.IDLED).split(" ", 2);
    load.judge(Invariant.I18, "more wakes than there was to wake for: ", idled[1]);
    double part = Double.parseDouble(idled[0]);
    load.judge(Invariant.I18, "", part <= MOST_OF_A_CORE ? "" : "idle, of a core it takes " + part);
    trial.ran(Invariant.I18, "idle looks", 3);
  }

  private static void controls(Trial trial, LoadChild load, LoadChild.References before)
      throws Exception {
    load.send("plant globals " + PLANTED);
    load.answer(Load.PLANTED);
    LoadChild.References after = load.references();
    trial.control("global references", after.global() == before.global() + PLANTED);
    load.send("plant handler 1");
    load.answer(Load.PLANTED);
    load.send("rest");
    trial.control("a handler that Rust keeps", !load.answer(Load.LEFT).isEmpty());
    load.answer(Load.RESTED);
    load.send("heal");
    load.answer(Load.HEALED);
  }
}
