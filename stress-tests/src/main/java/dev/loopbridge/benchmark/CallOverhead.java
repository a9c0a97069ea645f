package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.kit.Fn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures what a call of a small native function costs by each way to make it: the 90th Fibonacci
 * number, by 90 additions.
 */
final class CallOverhead {

  static final String ID = "call-overhead";
  static final String JAVA = "Java method";
  static final String FOREIGN = "java.lang.foreign";
  static final String JNA = "JNA";
  static final String LOOP_DRIVEN = "bridge, loop-driven, raw";
  static final String LOOP_DRIVEN_STAGE = "bridge, loop-driven, CompletionStage";
  static final String LOOP_DRIVEN_MONO = "bridge, loop-driven, Mono";
  static final String AWAITED = "bridge, await() off the loop";
  static final String STAGE = "bridge CompletionStage, 256 in flight";
  static final String MONO = "bridge Mono, 256 in flight";

  private static final long INDEX = 90;
  private static final long RESULT = 2_880_067_194_370_816_120L;

  private CallOverhead() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      List<Arm> arms = new ArrayList<>();
      arms.add(repeated(JAVA, ground, CallOverhead::fib));
      arms.add(repeated(RoundTrips.NAIVE, ground, HandWritten::fib));
      addForeign(arms, ground, notes);
      addJna(arms, ground, notes);
      NativeCall<Long> local = Fn.LOCAL_FIB.call(ground.runtime, INDEX);
      arms.add(LocalReady.raw(LOOP_DRIVEN, ground, RESULT, local));
      arms.add(LocalReady.stage(LOOP_DRIVEN_STAGE, ground, RESULT, local));
      arms.add(LocalReady.mono(LOOP_DRIVEN_MONO, ground, RESULT, local));
      NativeCall<Long> call = Fn.FIB.call(ground.runtime, INDEX);
      arms.add(new Awaited(call));
      RoundTrips trips = new RoundTrips(ground);
      arms.add(trips.stage(STAGE, Trips.BURST, call));
      arms.add(trips.mono(MONO, Trips.BURST, call));
      return List.of(
          harness.compare(ID, "fib(90), a function of 90 additions", RoundTrips.NAIVE, arms));
    }
  }

  static long fib(long index) {
    long last = 0;
    long next = 1;
    for (long i = 0; i < index; i++) {
      long sum = last + next;
      last = next;
      next = sum;
    }
    return last;
  }

  /** Calls the function; may throw anything, as a method handle does. */
  private interface Fibonacci {
    long of(long index) throws Throwable;
  }

  /** All arms of this kind share the code that repeats them, so each is called by its interface. */
  private static Arm repeated(String name, Ground ground, Fibonacci fibonacci) {
    // The index comes from memory, so that the JVM does not compute the result in advance.
    long[] index = {INDEX};
    return new Repeated(
        name,
        ground.loop,
        RESULT,
        times -> {
          long sum = 0;
          try {
            for (int i = 0; i < times; i++) {
              sum += fibonacci.of(index[0]);
            }
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
          return sum;
        });
  }

  private static void addForeign(List<Arm> arms, Ground ground, Consumer<String> notes) {
    if (Runtime.version().feature() < Foreign.FIRST_JDK) {
      notes.accept("call overhead: java.lang.foreign skipped, this JDK is older than 22");
      return;
    }
    arms.add(repeated(FOREIGN, ground, Foreign::fib));
  }

  private static void addJna(List<Arm> arms, Ground ground, Consumer<String> notes) {
    try {
      JnaFunction jna = new JnaFunction();
      arms.add(repeated(JNA, ground, jna::fib));
    } catch (LinkageError e) {
      notes.accept("call overhead: JNA skipped, " + e);
    }
  }

  /** The synchronous way: a thread that is no loop waits for each call. */
  private record Awaited(NativeCall<Long> call) implements Arm {

    @Override
    public String name() {
      return AWAITED;
    }

    @Override
    public long run(long nanos) throws Exception {
      long deadline = System.nanoTime() + nanos;
      long operations = 0;
      do {
        if (call.await() != RESULT) {
          throw new IllegalStateException(name() + ": the result is wrong");
        }
        operations++;
      } while (System.nanoTime() < deadline);
      return operations;
    }
  }
}
