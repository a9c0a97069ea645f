package dev.loopbridge;

/** What a thread off the loop leaves for the loop to do. */
abstract class LoopStep {

  /** Owner loop only. */
  abstract void step();
}
