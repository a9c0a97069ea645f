package dev.loopbridge.benchmark;

import dev.loopbridge.NativeAddress;
import dev.loopbridge.NativeLibrary;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What {@link Crossing} runs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CrossingBenchmark {

  private final NativeAddress library = new NativeAddress(NativeLibrary.load("benchmarks"));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);

  @Benchmark
  public long bridge() {
    return library.of(buffer);
  }

  @Benchmark
  public long handWritten() {
    return HandWritten.address(buffer);
  }
}
