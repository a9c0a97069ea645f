package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How much native memory a port takes, when that is freed, and which error is thrown if there is
 * none.
 */
@Tag("slow")
class PortMemoryTest {

  private static final int IDLE_PORT_BYTES = 64 << 10;

  /** A page for each of a thousand ports, since a thread may touch one of them late. */
  private static final long NOTHING_LEFT = 1_000 << 12;

  @TempDir private Path directory;

  private List<String> child(String before, String flags, String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", before + "exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(flags.split(" ")));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(MemoryMain.class.getName());
    command.addAll(List.of(arguments.split(" ")));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(5 * Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as("%s", lines).isZero();
    assertThat(lines).contains("done");
    return lines;
  }

  private static long figure(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + ": "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 2)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + lines));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anIdlePortTakesFewPages() throws Exception {
    List<String> figures = child("", "-Xms128m -Xmx128m -XX:+AlwaysPreTouch", "idle 100");
    assertThat(figure(figures, "bytes a port")).isLessThanOrEqualTo(IDLE_PORT_BYTES);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void manyLoopsFitBesideASmallHeap() throws Exception {
    List<String> figures =
        child("", "-Xms256m -Xmx256m -XX:MaxDirectMemorySize=1m -XX:+AlwaysPreTouch", "idle 256");
    assertThat(figure(figures, "bytes a port")).isLessThanOrEqualTo(IDLE_PORT_BYTES);
  }

  /** The second of these collectors never collects. */
  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @ValueSource(
      strings = {
        "-Xmx64m -XX:+DisableExplicitGC",
        "-Xmx2g -XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC"
      })
  void shortLivedLoopsLeaveNothingForACollector(String flags) throws Exception {
    List<String> figures = child("", flags + " -XX:MaxDirectMemorySize=1m", "short-lived 1000");
    assertThat(figure(figures, "bytes left")).isLessThanOrEqualTo(NOTHING_LEFT);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theAddressesOfEndedPortsGoWithTheirLastReference() throws Exception {
    child("", "-Xmx64m", "collected");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aPayloadThatIsKeptKeepsNoRings() throws Exception {
    List<String> figures = child("", "-Xmx64m", "payload-kept");
    assertThat(figure(figures, "bytes used")).isGreaterThan(1 << 20);
    assertThat(figure(figures, "live ports")).isEqualTo(1);
    assertThat(figure(figures, "bytes kept")).isEqualTo(5_000);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aSystemWithoutAddressesIsNamedWithTheKnob() throws Exception {
    List<String> figures = child("ulimit -v 8000000; ", "-Xmx64m -XX:+UseSerialGC", "no-addresses");
    assertThat(figures)
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith(NativeMemoryException.class.getName())
                    .contains("maxInFlight is 2097152")
                    .contains("554697728 bytes")
                    .contains("Cannot allocate memory")
                    .contains("lower maxInFlight"));
    assertThat(figure(figures, "ports open")).isZero();
  }

  @Test
  void whoComesLateTouchesNothingThatIsGone() throws Exception {
    EventLoop eventLoop = NettyNioLoopTest.newLoop();
    NettyLoop loop = NettyLoop.of(eventLoop);
    NativeRuntime runtime = Builtin.runtime();
    try {
      Port port = runtime.on(loop);
      NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
      assertThat(add.call(1L, 2L).toFuture(loop).get(30, TimeUnit.SECONDS)).isEqualTo(3);
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger given = new AtomicInteger();
      AtomicBoolean enough = new AtomicBoolean();
      Thread other =
          new Thread(
              () -> {
                while (!enough.get()) {
                  given.incrementAndGet();
                  port.steps.submit(counting(ran));
                }
              });
      other.start();
      eventLoop.parent().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
      Builtin.eventually().until(() -> runtime.metrics().livePorts() == 0);
      int late = given.get() + 1_000;
      Builtin.eventually().until(() -> given.get() > late);
      enough.set(true);
      other.join();
      Builtin.eventually().until(() -> ran.get() == given.get());
      assertThat(port.state.submissions.isDispatcherParked()).isFalse();
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }

  private static LoopStep counting(AtomicInteger ran) {
    return new LoopStep() {
      @Override
      void step() {
        ran.incrementAndGet();
      }
    };
  }

  @Test
  void callsOnAClosedRuntimeTakeNoNativeMemory() throws Exception {
    NativeRuntime runtime = Builtin.runtime();
    NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
    try {
      NativeCall<Long> add =
          runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
      runtime.close();
      refuse(add, loop);
      long before = directBytes();
      for (int i = 0; i < 1_000; i++) {
        refuse(add, loop);
      }
      assertThat(directBytes() - before).isLessThan(100_000);
    } finally {
      NettyNioLoopTest.end(loop);
    }
  }

  private static void refuse(NativeCall<Long> call, NettyLoop loop) {
    assertThat(call.toFuture(loop))
        .failsWithin(Builtin.PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(RuntimeClosedException.class);
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
