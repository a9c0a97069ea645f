package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.ThreadLoop;
import dev.loopbridge.stress.Trial;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;

/** Faults that nothing can heal: the oracle of the scenes has to notice each. */
final class Controls {

  private static final Duration SOON = Duration.ofMillis(500);

  private Controls() {}

  static void run(Trial trial, FaultyLibrary library, Path file) throws Exception {
    trial.control("a loop that takes tasks and never runs them", losesTasks(library));
    trial.control("a callback that is told twice", tellsTwice(library));
    trial.control("a wrong value", tellsWrongly(library));
    trial.control("a result that nobody releases", leaks(library));
    trial.control("fault points in a library", FaultyLibrary.isFaulty(file));
    trial.control(
        "a report of the JNI checker",
        JniReports.isOne("WARNING in native method: JNI call made without checking exceptions"));
  }

  private static Scene scene(FaultyLibrary library) {
    Scene scene = new Scene(NativeRuntime.builder(library.library()).workerThreads(1).build());
    scene.patience(SOON);
    return scene;
  }

  private static boolean losesTasks(FaultyLibrary library) {
    Scene scene = scene(library);
    ThreadLoop loop = new ThreadLoop("forgetful");
    loop.forgetTasks();
    Work.ADD.start(scene, loop, new SplittableRandom(1));
    scene.awaitSettled(true);
    boolean noticed = scene.verdict() != null && scene.verdict().hangs();
    loop.die();
    scene.runtime().close();
    return noticed;
  }

  private static boolean tellsTwice(FaultyLibrary library) {
    Scene scene = scene(library);
    ThreadLoop loop = new ThreadLoop("twice");
    Told told = new Told("add", value -> true, error -> false);
    told.then(told::cancelled);
    scene.start(Fn.ADD.call(scene.runtime(), 1L, 2L), loop, told);
    scene.await(() -> told.isSettled() && told.wrong(true) != null);
    scene.awaitSettled(true);
    loop.end();
    scene.runtime().close();
    return scene.verdict() != null;
  }

  private static boolean tellsWrongly(FaultyLibrary library) {
    Scene scene = scene(library);
    ThreadLoop loop = new ThreadLoop("wrong");
    scene.start(
        Fn.ADD.call(scene.runtime(), 1L, 2L),
        loop,
        new Told("add", value -> value.equals(4L), error -> false));
    scene.awaitSettled(true);
    loop.end();
    scene.runtime().close();
    return scene.verdict() != null;
  }

  private static boolean leaks(FaultyLibrary library) {
    Scene scene = scene(library);
    ThreadLoop loop = new ThreadLoop("leaking");
    scene.start(
        Fn.STASH.call(scene.runtime(), Unpooled.directBuffer().writeZero(10_000)),
        loop,
        new Told("stash", value -> true, error -> false));
    scene.awaitSettled(true);
    scene.hasNothingLeft();
    boolean noticed = scene.verdict() != null;
    Told back = new Told("unstash", value -> true, error -> false);
    scene.start(Fn.UNSTASH.call(scene.runtime()), loop, back);
    scene.awaitSettled(true);
    loop.end();
    scene.runtime().close();
    return noticed;
  }
}
