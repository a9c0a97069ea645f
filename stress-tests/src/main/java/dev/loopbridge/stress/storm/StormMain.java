package dev.loopbridge.stress.storm;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import java.time.Duration;
import java.util.ServiceLoader;

/** A storm in a JVM of its own, which may have one core only, or be stopped now and then. */
final class StormMain {

  private StormMain() {}

  /** The name of the loop kind, milliseconds, the seed. */
  public static void main(String[] arguments) throws Exception {
    LoopKind kind =
        ServiceLoader.load(LoopKind.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.name().equals(arguments[0]))
            .findFirst()
            .orElseThrow();
    Duration time = Duration.ofMillis(Long.parseLong(arguments[1]));
    long seed = Long.parseLong(arguments[2]);
    Told told = new Printed();
    try (Storm storm = new Storm(kind, seed, 0, 0, (seed & 1) == 0, StormSuite.PATIENCE, told)) {
      storm.run(time);
    }
    Runtime.getRuntime().halt(0);
  }

  /** Tells by lines: what, the invariant, a number, text. */
  private static final class Printed implements Told {

    @Override
    public void ran(Invariant invariant, String what, long count) {
      print("ran", invariant, count, what);
    }

    @Override
    public void violated(Invariant invariant, String text) {
      print("violated", invariant, 0, text);
    }

    @Override
    public void hangs(Invariant invariant, String text) throws InterruptedException {
      print("hangs", invariant, 0, text);
      Thread.sleep(Long.MAX_VALUE); // until the parent has its stacks
    }

    @Override
    public void note(String text) {
      print("note", Invariant.I1, 0, text);
    }

    private static void print(String what, Invariant invariant, long count, String text) {
      System.out.println(
          StormChild.MARK + what + " " + invariant + " " + count + " " + text.replace('\n', ' '));
      System.out.flush();
    }
  }
}
