package dev.loopbridge.benchmark;

import java.util.List;

/** An arm that runs several pumps at once, each on a loop of its own. */
record Together(String name, List<Pump> pumps) implements Arm {

  @Override
  public long run(long nanos) throws Exception {
    pumps.forEach(pump -> pump.start(nanos));
    long operations = 0;
    for (Pump pump : pumps) {
      operations += pump.await();
    }
    return operations;
  }

  /** Returns the crossings of one pump: the pumps share the counters. */
  @Override
  public Crossings crossings() {
    return pumps.get(0).crossings();
  }
}
