package dev.loopbridge;

/** What a thread off the loop leaves for the loop to do. */
interface LoopStep {

  /** Owner loop only. */
  void step();
}
