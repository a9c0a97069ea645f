package dev.loopbridge.stress.hostile;

import static dev.loopbridge.stress.Invariant.I10;
import static dev.loopbridge.stress.Invariant.I26;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls every native method with forged numbers while ordinary calls run beside it; runs random
 * programs on the tables of numbers; and checks what classes and library files must not offer. The
 * refusals of the public classes are tested in bridge-core, each once.
 */
public final class HostileSuite extends Suite {

  private static final int CALLS_A_BATCH = 5_000;
  private static final int ATTACKERS = 2;
  private static final int LIVES_A_ROUND = 256;
  private static final String[] LIBRARIES = {"loopbridge_builtin", "benchmarks"};

  public HostileSuite() {
    super(
        "hostile",
        "forged, stale and foreign handles for every native method; tables; classes and library files");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(I10, tier.choose(100_000L, 15_000_000L, 100_000_000L), I26, 90L);
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(2), Duration.ofMinutes(8), Duration.ofMinutes(90));
  }

  @Override
  public List<String> jvmOptions() {
    // Millions of exceptions are thrown; only their messages matter.
    return List.of("-XX:MaxJavaStackTraceDepth=8");
  }

  @Override
  public void run(Trial trial) throws Exception {
    classes(trial);
    libraries(trial);
    Tables.run(trial);
    Scene scene = new Scene(trial);
    controls(trial, scene);
    attack(trial, scene, NativeMethods.all(), 0, trial.choose(2, 200, 1_200));
    scene.end();
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    String[] parts = scene.split("/");
    if (parts[0].equals(Tables.SCENE)) {
      Tables.replay(trial, parts);
      return;
    }
    List<Method> named =
        NativeMethods.all().stream().filter(method -> method.getName().equals(parts[0])).toList();
    if (named.isEmpty() || parts.length < 2) {
      run(trial);
      return;
    }
    int batch = Integer.parseInt(parts[1]);
    Scene its = new Scene(trial);
    attack(trial, its, named, batch, batch + 1);
    its.end();
  }

  /**
   * Checks that none of the product's classes can be serialized or cloned; one of the suite's can.
   */
  private static void classes(Trial trial) throws Exception {
    List<Class<?>> product = ClassScan.product();
    for (Class<?> type : product) {
      String fault = ClassScan.fault(type);
      if (fault != null) {
        trial.violated(I26, fault, "");
      }
    }
    trial.ran(I26, "classes of the product", product.size());
    trial.control("a handle that can be serialized", ClassScan.fault(Written.class) != null);
    trial.control("a handle that can be cloned", ClassScan.fault(Copied.class) != null);
    trial.control("a handle that any code can set", ClassScan.fault(Open.class) != null);
  }

  /** A handle with a planted mistake. */
  private record Written(long handle) implements Serializable {}

  /** A handle with a planted mistake. */
  private static final class Copied implements Cloneable {}

  /** A handle with a planted mistake. */
  public static final class Open {
    protected long handle;
  }

  private static void libraries(Trial trial) throws Exception {
    Set<String> expected = LibraryAudit.expected();
    try {
      for (String name : List.of("loopbridge_builtin", "thumbnails")) {
        Path file = LibraryAudit.extracted(name, trial.directory());
        for (String fault : LibraryAudit.faults(file, expected)) {
          trial.violated(I10, "the library " + name + " " + fault, "");
        }
        trial.ran(I10, "library files whose symbols and segments are as expected", 1);
      }
      // The library of the benchmarks exports the functions that the benchmark compares with.
      Path other = LibraryAudit.extracted("benchmarks", trial.directory());
      trial.control("a library that exports more", !LibraryAudit.faults(other, expected).isEmpty());
    } catch (MissingToolException e) {
      trial.incomplete("the library files were not examined: " + e.getMessage());
    }
  }

  /** The control: the same checks notice methods that are wrong. */
  private static void controls(Trial trial, Scene scene) throws Exception {
    List<Ground> grounds = scene.grounds();
    for (Method method : Gullible.class.getDeclaredMethods()) {
      Attacks attacks = new Attacks(trial.random(method.getName()), grounds);
      boolean noticed = false;
      for (int i = 0; i < 100 && !noticed; i++) {
        noticed = attacks.on("payloadTake").run(method) != null;
      }
      trial.control("a method that " + method.getName(), noticed);
    }
    grounds.forEach(Ground::close);
  }

  /** Methods that are not native and accept wrong arguments. */
  private static final class Gullible {

    static long acceptsAnything(int library, long port, long ticket) {
      return ticket;
    }

    static long throwsWhatIsNotDocumented(int library, long port, long ticket) {
      throw new IllegalStateException("no such port");
    }

    static long showsTheHandle(int library, long port, long ticket) {
      throw NativeMethods.invalid(Long.toHexString(ticket) + " is no ticket");
    }
  }

  /** Two threads attack all methods in batches; a third opens and closes ports and payloads. */
  private static void attack(Trial trial, Scene scene, List<Method> methods, int from, int to)
      throws Exception {
    long before = settled(scene);
    AtomicLong tried = new AtomicLong();
    CountDownLatch ready = new CountDownLatch(ATTACKERS);
    List<CompletableFuture<Void>> attackers = new ArrayList<>();
    for (int i = 0; i < ATTACKERS; i++) {
      int number = i;
      CompletableFuture<Void> done = new CompletableFuture<>();
      attackers.add(done);
      Thread thread =
          new Thread(
              () -> {
                try {
                  List<Ground> grounds = scene.grounds();
                  ready.countDown();
                  for (int batch = from; batch < to; batch++) {
                    for (int at = number; at < methods.size(); at += ATTACKERS) {
                      tried.addAndGet(batch(trial, methods.get(at), batch, grounds));
                    }
                  }
                  grounds.forEach(Ground::close);
                  done.complete(null);
                } catch (Throwable e) {
                  ready.countDown();
                  done.completeExceptionally(e);
                }
              },
              "attacker-" + number);
      thread.setDaemon(true);
      thread.start();
    }
    List<Ground> grounds = scene.grounds();
    ready.await();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(attackers.toArray(CompletableFuture[]::new));
    List<Lives> lives = new ArrayList<>();
    for (int i = 0; i < grounds.size(); i++) {
      lives.add(new Lives(trial.random("lives " + i), grounds.get(i), scene.beside[i]));
    }
    long lived = 0;
    do {
      lives.removeIf(each -> !live(trial, each));
      lived += (long) lives.size() * (Lives.PORTS_A_ROUND + LIVES_A_ROUND);
    } while (!all.isDone() && !lives.isEmpty());
    all.get();
    grounds.forEach(Ground::close);
    trial.ran(I10, "values given to native methods", tried.get());
    trial.ran(I10, "lives of payloads and ports, each with its misuses", lived);
    trial.ran(I10, "ordinary calls beside", settled(scene) - before);
  }

  /** Runs some lives of each kind; returns whether all were right. */
  private static boolean live(Trial trial, Lives lives) {
    String fault = lives.ports();
    for (int i = 0; i < LIVES_A_ROUND && fault == null; i++) {
      fault = lives.payload();
    }
    if (fault != null) {
      trial.violated(I10, fault, "lives");
    }
    return fault == null;
  }

  private static long batch(Trial trial, Method method, int batch, List<Ground> grounds)
      throws IllegalAccessException {
    String scene = method.getName() + "/" + batch;
    // If the JVM dies, its log shows which attack was last.
    System.err.println("hostile/" + trial.seed() + "/" + scene);
    SplittableRandom random = trial.random(scene);
    Attacks attacks = new Attacks(random, grounds);
    Attack one = attacks.on(method.getName());
    Attack other = attacks.on(method.getName());
    for (int i = 0; i < CALLS_A_BATCH; i++) {
      String fault = (i % 2 == 0 ? one : other).run(method);
      if (fault != null) {
        trial.violated(I10, method.getName() + " " + fault, scene);
        return i + 1;
      }
    }
    return CALLS_A_BATCH;
  }

  private static long settled(Scene scene) {
    long settled = 0;
    for (Neighbours each : scene.beside) {
      settled += each.settled();
    }
    return settled;
  }

  /** Two libraries in one JVM, each with neighbours and with a closed runtime. */
  private static final class Scene {

    final NativeLibrary[] libraries = new NativeLibrary[LIBRARIES.length];
    final NativeRuntime[] closed = new NativeRuntime[LIBRARIES.length];
    final Neighbours[] beside = new Neighbours[LIBRARIES.length];

    Scene(Trial trial) throws Exception {
      for (int i = 0; i < LIBRARIES.length; i++) {
        libraries[i] = NativeLibrary.load(LIBRARIES[i]);
        closed[i] = NativeRuntime.builder(libraries[i]).workerThreads(1).build();
        closed[i].close();
        beside[i] = new Neighbours(trial, libraries[i]);
      }
    }

    /** Makes the grounds of the calling thread, one for each library. */
    List<Ground> grounds() {
      List<Ground> grounds = new ArrayList<>();
      for (int i = 0; i < LIBRARIES.length; i++) {
        grounds.add(new Ground(beside[i], closed[i], NativeMethods.number(libraries[i])));
      }
      return grounds;
    }

    void end() throws InterruptedException {
      for (Neighbours each : beside) {
        each.end();
      }
    }
  }
}
