package dev.loopbridge.benchmark;

import dev.loopbridge.NativeAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** A plain synchronous crossing. */
final class Crossing {

  private Crossing() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    try (Ground ground = new Ground()) {
      return List.of(
          harness.compare(
              "crossing",
              "Synchronous crossing: the address of a direct buffer",
              RoundTrips.NAIVE,
              List.of(bridge(ground, buffer), handWritten(ground, buffer))));
    }
  }

  private static Arm bridge(Ground ground, ByteBuffer buffer) {
    NativeAddress library = new NativeAddress(ground.library);
    return new Repeated(
        Targets.BRIDGE,
        ground.loop,
        library.of(buffer),
        times -> {
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += library.of(buffer);
          }
          return sum;
        });
  }

  private static Arm handWritten(Ground ground, ByteBuffer buffer) {
    return new Repeated(
        RoundTrips.NAIVE,
        ground.loop,
        HandWritten.address(buffer),
        times -> {
          long sum = 0;
          for (int i = 0; i < times; i++) {
            sum += HandWritten.address(buffer);
          }
          return sum;
        });
  }
}
