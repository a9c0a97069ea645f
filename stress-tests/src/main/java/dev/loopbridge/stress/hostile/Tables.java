package dev.loopbridge.stress.hostile;

import static dev.loopbridge.stress.Invariant.I10;

import dev.loopbridge.TablePrograms;
import dev.loopbridge.TablePrograms.Table;
import dev.loopbridge.stress.Trial;

/** Runs many random programs on the tables of pending calls and of objects; each has a number. */
final class Tables {

  /** The scene that replays all programs; {@code tables/SLOTS/17} replays one. */
  static final String SCENE = "tables";

  private Tables() {}

  static void run(Trial trial) {
    long programs = trial.choose(11_000L, 510_000L, 5_000_000L);
    trial.control(
        "a table that gives a name again", run(trial, Table.RENUMBERED_SLOTS, programs) < programs);
    for (Table table : new Table[] {Table.SLOTS, Table.OBJECTS}) {
      long held = run(trial, table, programs);
      if (held < programs) {
        replay(trial, SCENE, table.name(), String.valueOf(held));
      }
      trial.ran(I10, "programs on tables", held);
    }
  }

  /** Runs the programs; returns how many held before the first that did not. */
  private static long run(Trial trial, Table table, long programs) {
    for (long number = 0; number < programs; number++) {
      if (!differ(trial, table, number).isEmpty()) {
        return number;
      }
    }
    return programs;
  }

  static void replay(Trial trial, String... scene) {
    if (scene.length < 3) {
      run(trial);
      return;
    }
    String difference = differ(trial, Table.valueOf(scene[1]), Long.parseLong(scene[2]));
    if (!difference.isEmpty()) {
      trial.violated(I10, scene[1] + ":" + difference, String.join("/", scene));
    }
  }

  private static String differ(Trial trial, Table table, long number) {
    return TablePrograms.differ(table, trial.random(table + "/" + number));
  }
}
