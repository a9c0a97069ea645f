package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Tier;
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
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * Checks which file the library is loaded from, and that no other user can replace or change it.
 */
final class Loading implements Part {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int FIRST_JDK_THAT_ASKS = 24;
  private static final String GRANT = "--enable-native-access=ALL-UNNAMED";
  private static final String LOADED = LibraryMain.LOADED + " " + LibraryMain.BUILTIN + " ";

  /** Names that an attacker might guess, besides those that end in a number. */
  private static final List<String> GUESSES =
      List.of(
          "loopbridge",
          "loopbridge-0",
          "loopbridge-1",
          "loopbridge-builtin",
          "loopbridge-loopbridge_builtin",
          "loopbridge-" + System.getProperty("user.name"),
          "loopbridge_builtin",
          "libloopbridge_builtin.so",
          "loopbridge-libloopbridge_builtin.so");

  @Override
  public String name() {
    return "loading";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    List<Callable<Void>> runs = new ArrayList<>();
    runs.add(() -> privately(trial));
    runs.add(() -> careless(trial));
    runs.add(() -> besidePlantedFiles(trial));
    runs.add(() -> refusals(trial));
    if (trial.tier() != Tier.T0) {
      runs.add(() -> oddPlaces(trial));
      runs.add(() -> new Intrusion(this, trial).run());
      runs.add(() -> manyAtOnce(trial));
    }
    if (Runtime.version().feature() >= FIRST_JDK_THAT_ASKS) {
      runs.add(() -> nativeAccess(trial));
    }
    TwoAtOnce.run(runs);
  }

  /** Returns the command of {@link LibraryMain}, without the properties that name library files. */
  static List<String> command(Path temporary, List<String> options, String... arguments) {
    List<String> all = new ArrayList<>(options);
    all.add("-Djava.io.tmpdir=" + temporary);
    all.add("-XX:-UsePerfData");
    List<String> command = new ArrayList<>(ChildJvm.command(all, LibraryMain.class, arguments));
    command.removeIf(word -> word.startsWith("-Dloopbridge.library.") && !options.contains(word));
    return command;
  }

  /** Returns a command that a shell runs after the command {@code stage}. */
  static List<String> after(String stage, List<String> command) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", stage + "; exec \"$@\"", "sh"));
    words.addAll(command);
    return words;
  }

  /** Runs a command to its end. */
  Child ended(Trial trial, List<String> command) throws Exception {
    Child child = Child.start(trial.directory(), command);
    if (child.end(LIMIT).isEmpty()) {
      trial.hangs(Invariant.I25, "a JVM that loads the library", name());
    }
    return child;
  }

  /** Reports whether a case held. */
  void judge(Trial trial, String what, boolean held, Child child) throws IOException {
    boolean whole = child.damage().isEmpty();
    if (!held || !whole) {
      trial.violated(Invariant.I25, what + ", code " + child.code() + ":\n" + child.tail(), name());
    }
    trial.ran(Invariant.I25, "cases", 1);
  }

  static boolean works(Child child) {
    return child.output().contains(LibraryMain.WORKS + " 3");
  }

  /** Returns the paths that the built-in library was loaded from. */
  static List<String> paths(Child child) {
    return child.output().stream()
        .filter(line -> line.startsWith(LOADED))
        .map(line -> line.substring(LOADED.length()))
        .toList();
  }

  private static Path temporary(Trial trial, String name) throws IOException {
    Path directory = trial.directory().resolve("tmp-" + name);
    delete(directory);
    Files.createDirectories(directory);
    // Like the system's directory: all users may write, and only a file's owner may delete it.
    new ProcessBuilder("chmod", "1777", directory.toString()).start().onExit().join();
    return directory;
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /**
   * Checks an extracted file: only its owner has access, its name is new each time, it is deleted.
   */
  private Void privately(Trial trial) throws Exception {
    Path temporary = temporary(trial, "private");
    Set<String> paths = new HashSet<>();
    int times = trial.choose(2, 10, 200);
    try (Extraction extraction = new Extraction(temporary)) {
      for (int i = 0; i < times; i++) {
        try (Child child = ended(trial, after("umask 000", command(temporary, List.of())))) {
          judge(trial, "extracted with umask 000", works(child), child);
          paths.addAll(paths(child));
        }
      }
      if (extraction.seen() < 2) {
        throw new IllegalStateException("of " + times + " extractions nothing was seen");
      }
      if (!extraction.open().isEmpty()) {
        trial.violated(Invariant.I25, "others may touch " + extraction.open(), name());
      }
    }
    if (paths.size() != times) {
      trial.violated(Invariant.I25, times + " loads, but only these paths: " + paths, name());
    }
    try (Stream<Path> left = Files.list(temporary)) {
      left.findAny()
          .ifPresent(file -> trial.violated(Invariant.I25, "left behind: " + file, name()));
    }
    return null;
  }

  /** The control: the mistakes of a careless loader are noticed. */
  private Void careless(Trial trial) throws Exception {
    Path temporary = temporary(trial, "careless");
    Set<String> paths = new HashSet<>();
    try (Extraction extraction = new Extraction(temporary)) {
      for (int i = 0; i < 2; i++) {
        List<String> command = command(temporary, List.of(), LibraryMain.CARELESS);
        try (Child child = ended(trial, after("umask 000", command))) {
          paths.addAll(paths(child));
        }
      }
      trial.control("a library in a file that others may write", !extraction.open().isEmpty());
    }
    trial.control("a library at a place that can be guessed", paths.size() == 1);
    return null;
  }

  /** Loads where files, links and directories have each name that an attacker might guess. */
  private Void besidePlantedFiles(Trial trial) throws Exception {
    Path victim = trial.directory().resolve("victim.so");
    for (String how : List.of("file", "link", "dangling link", "directory")) {
      Path temporary = temporary(trial, "planted");
      Files.writeString(victim, "untouched");
      for (String guess : GUESSES) {
        Path at = temporary.resolve(guess);
        switch (how) {
          case "file" -> Files.writeString(at, "planted");
          case "link" -> Files.createSymbolicLink(at, victim);
          case "dangling link" -> Files.createSymbolicLink(at, temporary.resolve("nowhere"));
          default -> {
            Files.createDirectory(at);
            Files.createSymbolicLink(at.resolve("libloopbridge_builtin.so"), victim);
          }
        }
      }
      try (Child child = ended(trial, command(temporary, List.of()))) {
        boolean untouched =
            Files.readString(victim).equals("untouched")
                && Files.notExists(temporary.resolve("nowhere"));
        judge(trial, "beside a planted " + how, works(child) && untouched, child);
      }
    }
    return null;
  }

  /**
   * Checks that each damaged file is refused by a typed exception, and the library loads
   * afterwards.
   */
  private Void refusals(Trial trial) throws Exception {
    Path temporary = temporary(trial, "refused");
    List<DamagedLibrary> all = DamagedLibrary.all(trial.directory().resolve("damaged"));
    List<String> options = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (DamagedLibrary each : all) {
      names.add(each.name());
      if (!each.path().isEmpty()) {
        options.add("-Dloopbridge.library." + each.name() + "=" + each.path());
      }
    }
    try (Child child = ended(trial, command(temporary, options, names.toArray(String[]::new)))) {
      for (DamagedLibrary each : all) {
        String expected = LibraryMain.REFUSED + " " + each.name() + " " + each.exception() + ": ";
        boolean refused = child.output().stream().anyMatch(line -> line.startsWith(expected));
        judge(trial, "library " + each.name() + ", expected " + expected, refused, child);
      }
      judge(trial, "the library after those that were refused", works(child), child);
    }
    return null;
  }

  /**
   * Loads where the home cannot be written, and temporary files have no directory or a noexec one.
   */
  private Void oddPlaces(Trial trial) throws Exception {
    Path temporary = temporary(trial, "odd");
    Path home = trial.directory().resolve("home");
    Files.createDirectories(home);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("r-x------"));
    List<String> options = List.of("-Duser.home=" + home);
    try (Child child = ended(trial, after("export HOME=" + home, command(temporary, options)))) {
      judge(trial, "a home that cannot be written", works(child), child);
    }
    try (Child child = ended(trial, command(temporary.resolve("missing"), List.of()))) {
      judge(trial, "no directory for temporary files", isRefused(child, "is no directory"), child);
    }
    Process mounts =
        new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "none", temporary.toString())
            .redirectErrorStream(true)
            .start();
    if (mounts.waitFor() != 0) {
      trial.note("not covered: temporary files on a noexec mount, which only root can make");
      return null;
    }
    List<String> command = new ArrayList<>(List.of("unshare", "-m"));
    command.addAll(
        after("mount -t tmpfs -o noexec none " + temporary, command(temporary, List.of())));
    try (Child child = ended(trial, command)) {
      judge(trial, "temporary files on a noexec mount", isRefused(child, "noexec"), child);
    }
    return null;
  }

  /**
   * Returns whether the built-in library was refused for this reason, with advice on what to set.
   */
  private static boolean isRefused(Child child, String why) {
    String refused = LibraryMain.REFUSED + " " + LibraryMain.BUILTIN + " NativeLibraryException: ";
    return child.output().stream()
        .anyMatch(
            line ->
                line.startsWith(refused)
                    && line.contains(why)
                    && line.contains("-Djava.io.tmpdir=")
                    && line.contains("-Dloopbridge.library." + LibraryMain.BUILTIN + "="));
  }

  private Void manyAtOnce(Trial trial) throws Exception {
    Path temporary = temporary(trial, "many");
    int count = trial.choose(5, 20, 100);
    List<Child> children = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    try {
      for (int i = 0; i < count; i++) {
        children.add(Child.start(trial.directory(), command(temporary, List.of("-Xint"))));
      }
      for (Child child : children) {
        if (child.end(LIMIT.multipliedBy(3)).isEmpty()) {
          trial.hangs(Invariant.I25, "one of " + count + " JVMs that load at once", name());
        }
        judge(trial, "one of " + count + " JVMs at once", works(child), child);
        paths.addAll(paths(child));
      }
    } finally {
      for (Child child : children) {
        child.close();
      }
    }
    if (paths.size() != count) {
      trial.violated(Invariant.I25, count + " JVMs, but only these paths: " + paths, name());
    }
    return null;
  }

  private Void nativeAccess(Trial trial) throws Exception {
    Path temporary = temporary(trial, "access");
    List<String> warned = command(temporary, List.of());
    warned.remove(GRANT);
    try (Child child = ended(trial, warned)) {
      judge(trial, "without a grant of native access", works(child), child);
    }
    List<String> denied = command(temporary, List.of("--illegal-native-access=deny"));
    denied.remove(GRANT);
    try (Child child = ended(trial, denied)) {
      boolean typed =
          child.output().stream()
              .anyMatch(
                  line ->
                      line.startsWith(LibraryMain.REFUSED)
                          && line.contains("NativeAccessException")
                          && line.contains(GRANT));
      judge(trial, "with native access denied", typed, child);
    }
    List<String> granted = command(temporary, List.of("--illegal-native-access=deny"));
    try (Child child = ended(trial, granted)) {
      judge(trial, "with native access granted", works(child), child);
    }
    return null;
  }
}
