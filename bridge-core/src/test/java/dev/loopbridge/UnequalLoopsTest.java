package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Loop objects that stand for one executor but are not equal get a port each; a warning is logged
 * once.
 */
class UnequalLoopsTest extends LoopScene {

  private static class Unequal extends ForwardingLoop {
    Unequal(OwnerLoop loop) {
      super(loop);
    }
  }

  private static final class Equal extends Unequal {
    private final OwnerLoop loop;

    Equal(OwnerLoop loop) {
      super(loop);
      this.loop = loop;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Equal && ((Equal) other).loop.equals(loop);
    }

    @Override
    public int hashCode() {
      return loop.hashCode();
    }
  }

  @Test
  void manyPortsOfOneClassAreLoggedOnce() throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1, 2);
    try (NativeRuntime small =
            NativeRuntime.builder(Builtin.library()).workerThreads(1).maxInFlight(1).build();
        Logged logged = Logged.by(UnequalLoops.class)) {
      for (int i = 0; i < UnequalLoops.MANY; i++) {
        small.on(new Unequal(loop));
      }
      assertThat(logged.messages()).isEmpty();
      for (int i = 0; i < 10; i++) {
        small.on(new Unequal(loop));
      }
      assertThat(logged.messages())
          .singleElement()
          .asString()
          .contains("65 instances of " + Unequal.class.getName())
          .contains("no equals");
      assertThat(small.metrics().livePorts()).isEqualTo(UnequalLoops.MANY + 10);
    }
    assertThat(run(add)).isEqualTo(3);
  }

  @Test
  void equalInstancesShareAPort() {
    for (int i = 0; i < 2 * UnequalLoops.MANY; i++) {
      runtime.on(new Equal(loop));
    }
    assertThat(runtime.metrics().livePorts()).isEqualTo(1);
  }
}
