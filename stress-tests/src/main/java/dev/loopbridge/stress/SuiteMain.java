package dev.loopbridge.stress;

import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The main class of a suite's JVM: runs the suite and ends the JVM even if threads still run. */
final class SuiteMain {

  private static final long PULSE_MILLIS = 1000;

  private SuiteMain() {}

  /** Takes the suite's class and the arguments of an {@link Order}. */
  public static void main(String... arguments) throws ReflectiveOperationException {
    List<String> rest = new ArrayList<>(List.of(arguments));
    Suite suite = (Suite) Class.forName(rest.remove(0)).getConstructor().newInstance();
    Order order = Order.of(rest);
    // Suites may print any text, and some close or replace the stream.
    PrintStream events = System.out;
    List<LoopKind> loops = new ArrayList<>();
    Trial trial = new Trial(suite.name(), order, loops, events);
    try {
      for (LoopKind kind : Loops.named(order.loops())) {
        String reason = kind.unavailable();
        if (reason.isEmpty()) {
          loops.add(kind);
        } else {
          trial.note("loop " + kind.name() + " left out: " + reason);
        }
      }
      Files.createDirectories(trial.directory());
      pulse(trial);
      Optional<String> scene = order.scene();
      if (scene.isPresent()) {
        suite.replay(trial, scene.get());
      } else {
        suite.run(trial);
      }
      trial.report(new JsonObject().put("event", "done"));
    } catch (MissingToolException e) {
      trial.incomplete(suite.name() + " " + e.getMessage());
      trial.report(new JsonObject().put("event", "done"));
    } catch (Throwable e) {
      StringWriter stack = new StringWriter();
      e.printStackTrace(new PrintWriter(stack));
      trial.report(new JsonObject().put("event", "failed").put("text", stack.toString()));
    }
    Runtime.getRuntime().halt(0);
  }

  /** Reports the counters at intervals, so that they are known if this JVM stops responding. */
  private static void pulse(Trial trial) {
    Thread pulse =
        new Thread(
            () -> {
              String last = "";
              while (true) {
                try {
                  Thread.sleep(PULSE_MILLIS);
                  String counters = trial.counters();
                  if (!counters.equals(last)) {
                    last = counters;
                    trial.report(new JsonObject().put("event", "pulse").put("counters", counters));
                  }
                } catch (InterruptedException e) {
                  return;
                } catch (Exception e) {
                  // A runtime that closes at this moment has no counters; the next report has them.
                  last = "";
                }
              }
            },
            "stress-pulse");
    pulse.setDaemon(true);
    pulse.start();
  }
}
