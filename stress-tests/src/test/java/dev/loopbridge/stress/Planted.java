package dev.loopbridge.stress;

import java.time.Duration;
import java.util.Map;

/** A suite with one planted behaviour; the tests check how the harness reports it. */
public abstract class Planted extends Suite {

  Planted() {
    super("planted", "planted");
  }

  @Override
  public String name() {
    return getClass().getSimpleName();
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(Invariant.I3, 10L);
  }

  @Override
  public Duration limit(Tier tier) {
    return Duration.ofSeconds(60);
  }

  static void enough(Trial trial) {
    trial.ran(Invariant.I3, "calls", 10);
    trial.control("a planted mistake", true);
  }

  /** The suite finds nothing. */
  public static final class Passing extends Planted {
    @Override
    public void run(Trial trial) {
      enough(trial);
    }
  }

  /** The suite reports a violated invariant. */
  public static final class Violating extends Planted {
    @Override
    public void run(Trial trial) {
      enough(trial);
      trial.violated(Invariant.I3, "settled twice", "scene 5");
    }
  }

  /** The replay reports the scene that it got. */
  public static final class Replaying extends Planted {
    @Override
    public void run(Trial trial) {
      enough(trial);
    }

    @Override
    public void replay(Trial trial, String scene) {
      trial.violated(Invariant.I3, "replayed " + scene + " of " + trial.seed(), scene);
    }
  }

  /** The suite's JVM dies. */
  public static final class Dying extends Planted {
    @Override
    public void run(Trial trial) {
      enough(trial);
      Runtime.getRuntime().halt(134);
    }
  }

  /** The suite reports that a call hangs. */
  public static final class Hanging extends Planted {
    @Override
    public void run(Trial trial) throws InterruptedException {
      enough(trial);
      trial.hangs(Invariant.I1, "call 7 does not settle", "");
    }
  }

  /** The suite hangs and does not report it. */
  public static final class Endless extends Planted {
    @Override
    public Duration limit(Tier tier) {
      return Duration.ofSeconds(3);
    }

    @Override
    public void run(Trial trial) throws InterruptedException {
      enough(trial);
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  /** The suite tried fewer calls than it has to. */
  public static final class Idle extends Planted {
    @Override
    public void run(Trial trial) {
      trial.ran(Invariant.I3, "calls", 9);
      trial.control("a planted mistake", true);
    }
  }

  /** The suite runs no positive control. */
  public static final class Blind extends Planted {
    @Override
    public void run(Trial trial) {
      trial.ran(Invariant.I3, "calls", 10);
    }
  }

  /** The suite does not notice its planted mistake. */
  public static final class Deaf extends Planted {
    @Override
    public void run(Trial trial) {
      trial.ran(Invariant.I3, "calls", 10);
      trial.control("a planted mistake", false);
    }
  }

  /** The suite itself fails. */
  public static final class Failing extends Planted {
    @Override
    public void run(Trial trial) {
      enough(trial);
      throw new IllegalStateException("no file");
    }
  }

  /** The suite lacks a tool. */
  public static final class Unequipped extends Planted {
    @Override
    public void run(Trial trial) throws MissingToolException {
      throw new MissingToolException("a sanitizer: apt-get install libasan");
    }
  }
}
