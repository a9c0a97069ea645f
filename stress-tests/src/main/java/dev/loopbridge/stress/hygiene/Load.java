package dev.loopbridge.stress.hygiene;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.process.Mistakes;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The main class of a JVM with a mixed load, which can be run under any flags or tools.
 *
 * <pre>
 * Load SEED run CALLS       runs so many calls, rests, closes; exits with 0 if all was right
 * Load SEED serve           obeys the lines of standard input, and prints a line for each
 *
 * run CALLS                 runs them on the open runtime
 * cycle COUNT CALLS         runs them in each of so many runtimes, opened and closed one by one
 * soak MILLIS               runs calls for that long; prints "sample NANOS BYTES CALLS" meanwhile
 * idle MILLIS               does nothing; prints how much of a core that took
 * rest [CENSUS]             waits until nothing is left and CENSUS holds; prints the census then
 * plant WHAT COUNT          makes a mistake: globals, handler, checked, memory
 * heal                      undoes the mistake "handler"
 * close                     closes the runtime, and ends
 * </pre>
 */
public final class Load {

  static final String RAN = "ran";
  static final String SAMPLE = "sample";
  static final String SOAKED = "soaked";
  static final String IDLED = "idled";
  static final String RESTED = "rested";
  static final String LEFT = "left";
  static final String WRONG = "wrong";
  static final String PLANTED = "planted";
  static final String HEALED = "healed";
  static final String CLOSED = "closed";
  static final String DROPS = "drops";

  private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long REST_MILLIS = 50;
  private static final int SAME = 5;
  private static final int SOAK_CALLS = 500;
  private static final int LEAKED_BYTES = 512;
  private static final int LEAKED_EACH = 4;

  private final SplittableRandom random;
  private final NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("load", /* daemon= */ true), NioIoHandler.newFactory());
  private final OwnerLoop loop = NettyLoop.of(group.next());
  private final Tally tally = new Tally();
  private final Mix mix;
  private final List<Object> leaked = new ArrayList<>();
  private NativeRuntime runtime;
  private boolean leaks;

  private Load(long seed) {
    random = new SplittableRandom(seed);
    mix = open();
  }

  /** Takes the arguments above. */
  public static void main(String... arguments) throws Exception {
    // NativeRef warns of each object that is left to the cleaner; here many are, on purpose.
    Logger quiet = Logger.getLogger("dev.loopbridge.NativeRef");
    quiet.setLevel(Level.SEVERE);
    Load load = new Load(Long.parseLong(arguments[0]));
    if (arguments[1].equals("run")) {
      load.run(Long.parseLong(arguments[2]));
      boolean right = load.rest(null);
      System.exit(load.close() && right ? 0 : 1);
    }
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      if (!load.obey(line.split(" "))) {
        break;
      }
    }
    System.exit(0);
  }

  /** Obeys one line; returns whether the load goes on. */
  private boolean obey(String... words) throws Exception {
    switch (words[0]) {
      case "run" -> run(Long.parseLong(words[1]));
      case "cycle" -> cycle(Integer.parseInt(words[1]), Long.parseLong(words[2]));
      case "soak" -> soak(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[1])));
      case "idle" -> idle(Long.parseLong(words[1]));
      case "rest" ->
          rest(words.length > 1 ? Census.parse(words[1] + " " + words[2] + " " + words[3]) : null);
      case "plant" -> plant(words[1], Integer.parseInt(words[2]));
      case "heal" -> {
        Fn.FORGET_HANDLER.call(runtime).await();
        print(HEALED);
      }
      case "close" -> {
        close();
        return false;
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return true;
  }

  private Mix open() {
    runtime = NativeRuntime.builder(library).workerThreads(2).threadName("load").build();
    NativeRuntime full = Mix.full(NativeRuntime.builder(library)).threadName("load-full").build();
    return new Mix(runtime, full, loop, random.nextLong(), tally);
  }

  private void run(long calls) throws InterruptedException {
    mix.run(calls);
    mix.await();
    print(RAN + " " + tally.total());
  }

  private void cycle(int count, long calls) throws InterruptedException {
    NativeRuntime first = runtime;
    for (int i = 0; i < count; i++) {
      Mix other = open();
      other.run(calls);
      other.await();
      other.close();
      String left = other.leftAfterClose();
      if (!left.isEmpty()) {
        print(LEFT + " after close " + left);
      }
    }
    runtime = first;
    print(RAN + " " + tally.total());
  }

  private void soak(long nanos) throws Exception {
    long start = System.nanoTime();
    long next = start;
    for (long now = start; now - start < nanos; now = System.nanoTime()) {
      mix.run(SOAK_CALLS);
      for (int i = 0; leaks && i < SOAK_CALLS / LEAKED_EACH; i++) {
        leaked.add(ByteBuffer.allocateDirect(LEAKED_BYTES).put(LEAKED_BYTES - 1, (byte) 1));
      }
      if (now >= next) {
        next += SAMPLE_NANOS;
        print(SAMPLE + " " + (now - start) + " " + Census.residentBytes() + " " + tally.total());
      }
    }
    mix.await();
    print(SOAKED + " " + tally.total());
  }

  /** Measures three times and takes the least: the JVM's own work now and then does not count. */
  private void idle(long millis) throws InterruptedException {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double least = Double.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      TimeUnit.MILLISECONDS.sleep(millis); // the idle time that is measured
      double part = (double) (system.getProcessCpuTime() - cpu) / (System.nanoTime() - start);
      least = Math.min(least, part);
    }
    print(IDLED + " " + least + " " + mix.storm());
  }

  /**
   * Waits for the rest and prints it; returns whether nothing is left and nothing was wrong.
   *
   * @param most the most that may be there; null: waits until the census stays as it is
   */
  private boolean rest(Census most) throws Exception {
    long start = System.nanoTime();
    String left;
    Census before;
    Census now = Census.now();
    int same = 0;
    do {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(REST_MILLIS);
      left = mix.left();
      before = now;
      now = Census.now();
      same = now.equals(before) ? same + 1 : 0;
    } while ((!left.isEmpty() || (most == null ? same < SAME : !now.within(most)))
        && leaked.isEmpty()
        && System.nanoTime() - start < REST_NANOS);
    print(LEFT + " " + left);
    print(WRONG + " " + tally.wrong());
    print(
        DROPS
            + " "
            + (tally.of(Tally.LEFT) + tally.of(Tally.CLOSED))
            + " "
            + Fn.DROPPED_AT_HOME.call(runtime).await()
            + " "
            + Fn.DROPPED_ELSEWHERE.call(runtime).await());
    print(RESTED + " " + now.line());
    return left.isEmpty() && tally.wrong().isEmpty();
  }

  private void plant(String what, int count) throws InterruptedException {
    switch (what) {
      case "globals" -> Mistakes.leakGlobals(this, count);
      case "handler" -> {
        JavaHandler<Long, Long> kept = JavaHandler.of(Long.class, Long.class, given -> given);
        Fn.KEEP_HANDLER.call(runtime, kept).await();
        leaked.add(kept);
      }
      case "checked" -> Mistakes.callOnWithAnException();
      case "memory" -> leaks = true;
      default -> throw new IllegalArgumentException(what);
    }
    print(PLANTED);
  }

  private boolean close() {
    mix.close();
    String left = mix.leftAfterClose();
    print(CLOSED + " " + left);
    return left.isEmpty();
  }

  private static void print(String line) {
    System.out.print(line + "\n");
    System.out.flush();
  }
}
