package dev.loopbridge.stress.process;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Opens and closes runtimes, and counts this JVM's threads before and after. */
final class ThreadMain {

  static final String CYCLES = "cycles";
  static final String IDLE = "idle";
  static final String PLANT = "plant";
  static final String COUNTED = "counted";

  private static final int WARM_UP = 5;
  private static final int PLANTED = 3;
  private static final int BLOCKING = 20;
  private static final String NAME = "counted";
  private static final Path TASKS = Path.of("/proc/self/task");

  /** Longer than Tokio keeps an idle thread. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private ThreadMain() {}

  /**
   * The counts of threads.
   *
   * @param tasks the threads of this process as the system counts them
   * @param javas the threads as the JVM counts them
   * @param ours the threads in either count that a runtime has named
   */
  record Count(long tasks, long javas, long ours) {

    static Count now() throws IOException {
      long tasks = 0;
      long ours = 0;
      try (DirectoryStream<Path> all = Files.newDirectoryStream(TASKS)) {
        for (Path task : all) {
          try {
            String name = Files.readString(task.resolve("comm"));
            tasks++;
            ours += name.startsWith(NAME) ? 1 : 0;
          } catch (NoSuchFileException e) {
            // The thread ended meanwhile.
          }
        }
      }
      long known =
          Stream.of(ManagementFactory.getThreadMXBean().dumpAllThreads(false, false))
              .filter(thread -> thread.getThreadName().startsWith(NAME))
              .count();
      return new Count(
          tasks, ManagementFactory.getThreadMXBean().getThreadCount(), Math.max(ours, known));
    }

    boolean within(Count most) {
      return tasks <= most.tasks && javas <= most.javas && ours <= most.ours;
    }
  }

  /** Takes {@link #CYCLES}, {@link #PLANT} or {@link #IDLE}, and how many runtimes. */
  public static void main(String... arguments) throws Exception {
    int count = Integer.parseInt(arguments[1]);
    NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
    if (arguments[0].equals(IDLE)) {
      idle(library);
      return;
    }
    for (int i = 0; i < WARM_UP; i++) {
      cycle(library, i);
    }
    Count before = settled(new Count(0, 0, 0), TimeUnit.SECONDS.toNanos(3));
    for (int i = 0; i < count; i++) {
      cycle(library, i);
    }
    boolean plant = arguments[0].equals(PLANT);
    for (int i = 0; plant && i < PLANTED; i++) {
      Mistakes.endAttachedThread();
    }
    Count after = settled(before, plant ? TimeUnit.SECONDS.toNanos(3) : PATIENCE_NANOS);
    boolean held = after.within(before) && after.ours == 0;
    System.out.println(COUNTED + " " + held + " before " + before + ", after " + after);
    System.exit(0);
  }

  /** Waits until the count is within {@code most} or patience is over; returns the count. */
  private static Count settled(Count most, long patienceNanos) throws Exception {
    long start = System.nanoTime();
    while (true) {
      Count now = Count.now();
      if (now.within(most) || System.nanoTime() - start > patienceNanos) {
        return now;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static void cycle(NativeLibrary library, int number) throws Exception {
    try (NativeRuntime runtime =
        NativeRuntime.builder(library).workerThreads(2).threadName(NAME).build()) {
      NativeFunction<Void> blocking = Fn.BURN_BLOCKING.in(runtime);
      JavaHandler<Long, Long> next = JavaHandler.of(Long.class, Long.class, given -> given + 1);
      CompletableFuture<?>[] calls = {
        blocking.call(10L).toFuture(),
        blocking.call(10L).toFuture(),
        Fn.ASK.call(runtime, 1L, next).toFuture(),
        Fn.LOCAL_SLEEP.call(runtime, 1L).toFuture()
      };
      if (number % 2 == 0) {
        CompletableFuture.allOf(calls).get(10, TimeUnit.SECONDS);
      } else {
        Fn.NEVER.call(runtime).toFuture();
      }
    }
  }

  /** Checks that idle threads for blocking work end after a while. */
  private static void idle(NativeLibrary library) throws Exception {
    NativeRuntime runtime =
        NativeRuntime.builder(library).workerThreads(2).threadName(NAME).build();
    Fn.YIELD_TIMES.call(runtime, 1L).await();
    Count before = Count.now();
    CompletableFuture<?>[] calls = new CompletableFuture<?>[BLOCKING];
    for (int i = 0; i < BLOCKING; i++) {
      calls[i] = Fn.BURN_BLOCKING.call(runtime, 20_000L).toFuture();
    }
    long most = 0;
    while (!CompletableFuture.allOf(calls).isDone()) {
      most = Math.max(most, Count.now().ours);
    }
    if (most <= before.ours) {
      throw new IllegalStateException("no thread for blocking work was seen");
    }
    Count after = settled(new Count(Long.MAX_VALUE, Long.MAX_VALUE, before.ours), PATIENCE_NANOS);
    System.out.println(
        COUNTED
            + " "
            + (after.ours <= before.ours)
            + " before "
            + before
            + ", at most "
            + most
            + ", after "
            + after);
    System.exit(0);
  }
}
