package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Loads the library while another user of the machine tries to access the file. It needs root to
 * run code as that user.
 */
final class Intrusion {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String NOBODY = "65534";

  private final Loading loading;
  private final Trial trial;

  Intrusion(Loading loading, Trial trial) {
    this.loading = loading;
    this.trial = trial;
  }

  Void run() throws Exception {
    // In the system's directory, since the intruder must have access to it.
    Path shared = Files.createTempDirectory("stress-intrusion-");
    try {
      Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
      Path alone = Files.createDirectory(shared.resolve("alone"));
      LoneMain.copy(Intruder.class, alone);
      Path temporary = Files.createDirectory(shared.resolve("tmp"));
      command("chmod", "1777", temporary.toString());
      List<String> intruder =
          new ArrayList<>(
              List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--"));
      intruder.addAll(LoneMain.command(List.of(), Intruder.class, alone, temporary.toString()));
      try (Child child = startIntruder(intruder)) {
        if (child == null || child.answer(Intruder.READY, LIMIT).isEmpty()) {
          trial.note("not covered: files swapped by another user, which needs root and setpriv");
          return null;
        }
        loads(temporary, child);
      }
    } finally {
      command("rm", "-rf", shared.toString());
    }
    return null;
  }

  private Child startIntruder(List<String> command) {
    try {
      return Child.start(trial.directory(), command);
    } catch (IOException e) {
      return null;
    }
  }

  private void loads(Path temporary, Child intruder) throws Exception {
    int times = trial.choose(1, 15, 1_000);
    Set<String> foreign = new HashSet<>();
    for (int i = 0; i < times; i++) {
      try (Child child = loading.ended(trial, Loading.command(temporary, List.of()))) {
        loading.judge(trial, "loaded beside an intruder", Loading.works(child), child);
        Loading.paths(child).stream()
            .filter(path -> !path.startsWith(temporary.toString()) || path.contains("moved"))
            .forEach(foreign::add);
      }
    }
    if (!foreign.isEmpty()) {
      trial.violated(Invariant.I25, "loaded from " + foreign, loading.name());
    }
    // The control: the same intruder, with a directory that all users may write.
    Path open = Files.createDirectory(temporary.resolve("loopbridge-open"));
    command("chmod", "777", open.toString());
    boolean noticed = false;
    for (String did; (did = intruder.answer(Intruder.COULD, LIMIT).orElse(null)) != null; ) {
      if (did.contains("loopbridge-open")) {
        noticed = true;
        break;
      }
      trial.violated(Invariant.I25, "an intruder could " + did, loading.name());
    }
    trial.control("an intruder in a directory that others may write", noticed);
    trial.ran(Invariant.I25, "loads beside an intruder", times);
  }

  private static void command(String... words) throws IOException, InterruptedException {
    new ProcessBuilder(words).start().waitFor();
  }
}
