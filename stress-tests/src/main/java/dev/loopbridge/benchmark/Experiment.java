package dev.loopbridge.benchmark;

import java.util.List;
import java.util.function.Consumer;

/** Measures tables that belong together. */
interface Experiment {

  /**
   * Makes what it needs, measures, and closes all of it.
   *
   * @param notes gets the notes for the reader, such as what was skipped and why
   */
  List<Table> measure(Harness harness, Consumer<String> notes) throws Exception;
}
