package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Settlement;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.kit.Work;
import dev.loopbridge.stress.Trial;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The positive controls: faults that have no remedy, each of which the scenes' checks must notice.
 */
final class Controls {

  private static final Duration SOON = Duration.ofMillis(500);

  private Controls() {}

  static void run(Trial trial, FaultyLibrary library, Path file) throws Exception {
    trial.control("a loop that takes tasks and never runs them", losesTasks(library));
    trial.control("a callback that is notified twice", settlesTwice(library));
    trial.control("a wrong value", settlesWrongly(library));
    trial.control("a result that is not released", leaks(library));
    trial.control("fault points in a library", FaultyLibrary.isFaulty(file));
    trial.control(
        "a report of the JNI checker",
        JniReports.isOne("WARNING in native method: JNI call made without checking exceptions"));
  }

  private static Driver driver(FaultyLibrary library) {
    Driver driver = new Driver(NativeRuntime.builder(library.library()).workerThreads(1).build());
    driver.patience(SOON);
    return driver;
  }

  private static boolean losesTasks(FaultyLibrary library) {
    Driver driver = driver(library);
    ThreadLoop loop = new ThreadLoop("forgetful");
    loop.forgetTasks();
    driver.start(Work.ADD, loop, new SplittableRandom(1));
    driver.awaitSettled(true);
    boolean noticed = driver.verdict() != null && driver.verdict().hangs();
    loop.die();
    driver.runtime().close();
    return noticed;
  }

  private static boolean settlesTwice(FaultyLibrary library) {
    Driver driver = driver(library);
    ThreadLoop loop = new ThreadLoop("twice");
    AtomicReference<Settlement> self = new AtomicReference<>();
    Settlement call =
        driver.start(
            Known.value(Fn.ADD.call(driver.runtime(), 1L, 2L), value -> true),
            loop,
            () -> {
              driver.await(() -> self.get() != null);
              self.get().cancelled();
            });
    self.set(call);
    driver.await(() -> call.isSettled() && call.wrong(true) != null);
    driver.awaitSettled(true);
    loop.end();
    driver.runtime().close();
    return driver.verdict() != null;
  }

  private static boolean settlesWrongly(FaultyLibrary library) {
    Driver driver = driver(library);
    ThreadLoop loop = new ThreadLoop("wrong");
    driver.start(Known.equal(Fn.ADD.call(driver.runtime(), 1L, 2L), 4L), loop);
    driver.awaitSettled(true);
    loop.end();
    driver.runtime().close();
    return driver.verdict() != null;
  }

  private static boolean leaks(FaultyLibrary library) {
    Driver driver = driver(library);
    ThreadLoop loop = new ThreadLoop("leaking");
    driver.start(
        Known.value(
            Fn.STASH.call(driver.runtime(), Unpooled.directBuffer().writeZero(10_000)),
            value -> true),
        loop);
    driver.awaitSettled(true);
    driver.hasNothingLeft();
    boolean noticed = driver.verdict() != null;
    driver.start(Known.value(Fn.UNSTASH.call(driver.runtime()), value -> true), loop);
    driver.awaitSettled(true);
    loop.end();
    driver.runtime().close();
    return noticed;
  }
}
