package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A result that its receiver did not release is reported, with the place where it was made. */
class LeakTest {

  private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
  private final NativeRuntime runtime = Builtin.runtime();

  @AfterEach
  void restore() {
    ResourceLeakDetector.setLevel(before);
    PayloadByteBuf.LEAKS.setLeakListener(null);
    runtime.close();
  }

  @Test
  void aForgottenResultIsReportedWithItsCreationSite() throws Exception {
    List<String> reports = new CopyOnWriteArrayList<>();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    PayloadByteBuf.LEAKS.setLeakListener(
        (type, records) -> reports.add(type + " leaked: " + records));
    NativeCall<ByteBuf> make =
        runtime.function("makeBytes", ByteBuf.class, long.class).call(5_000L);
    forget(make);
    Builtin.eventually()
        .until(
            () -> {
              System.gc();
              make.await().release(); // Netty reports old leaks when it tracks something new
              return !reports.isEmpty();
            });
    assertThat(reports).hasSize(1);
    assertThat(reports.get(0))
        .startsWith("PayloadByteBuf leaked")
        .contains("the result of native function makeBytes")
        .contains(NativeResult.class.getName() + ".bufferValue");
  }

  private static void forget(NativeCall<ByteBuf> make) throws InterruptedException {
    assertThat(make.await().readableBytes()).isEqualTo(5_000);
  }
}
