package dev.loopbridge.benchmark;

import java.util.List;
import java.util.function.Consumer;

/** Names the places in a table of growing arms where an operation's cost jumps. */
final class Bend {

  /** A step to the next arm that costs more than this many times as much is a bend. */
  private static final double FACTOR = 1.5;

  private Bend() {}

  /** Notes each arm that costs much more than the arm before it, or that there is none. */
  static void note(Table table, String metric, Consumer<String> notes) {
    boolean flat = true;
    List<Table.Row> rows = table.rows();
    for (int i = 1; i < rows.size(); i++) {
      double before = rows.get(i - 1).median(metric);
      double after = rows.get(i).median(metric);
      if (after > FACTOR * before) {
        flat = false;
        notes.accept(
            table.id()
                + ": the cost bends at "
                + rows.get(i).arm()
                + ", "
                + Metric.figure(after)
                + " "
                + metric
                + " after "
                + Metric.figure(before));
      }
    }
    if (flat) {
      notes.accept(table.id() + ": no arm costs more than 1.5 times the arm before it");
    }
  }
}
