package dev.loopbridge.stress.hygiene;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM that runs {@link Load}. The leaks that it prints are reported to the trial at once. */
final class LoadChild implements AutoCloseable {

  private static final Pattern REFERENCES =
      Pattern.compile("JNI global refs: (\\d+), weak refs: (\\d+)");
  private static final Pattern COMMITTED = Pattern.compile("committed=(\\d+)KB");

  private final Trial trial;
  private final String what;
  private final Duration limit;
  private final Child child;

  private LoadChild(Trial trial, String what, Duration limit, Child child) {
    this.trial = trial;
    this.what = what;
    this.limit = limit;
    this.child = child;
  }

  /** The counts of a JVM's JNI references. */
  record References(int global, int weak) {}

  /**
   * Starts a JVM that gets its orders line by line.
   *
   * @param limit how long each answer may take
   */
  static LoadChild serve(Trial trial, String what, List<String> options, Duration limit)
      throws IOException {
    return start(trial, what, options, limit, "serve");
  }

  /** Starts a JVM that runs so many calls and ends. */
  static LoadChild run(Trial trial, Setting setting, long calls, Duration limit)
      throws IOException {
    return start(trial, setting.name(), setting.options(), limit, "run", String.valueOf(calls));
  }

  private static LoadChild start(
      Trial trial, String what, List<String> options, Duration limit, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.add(String.valueOf(trial.random(what).nextLong()));
    all.addAll(List.of(arguments));
    Child child =
        Child.start(
            trial.directory(), ChildJvm.command(options, Load.class, all.toArray(String[]::new)));
    return new LoadChild(trial, what, limit, child);
  }

  void send(String line) throws IOException {
    child.send(line);
  }

  Child child() {
    return child;
  }

  /**
   * Returns the rest of the line that begins with a word; without such a line the child is at
   * fault.
   */
  String answer(String word) throws Exception {
    Optional<String> answer = child.answer(word, limit);
    if (answer.isEmpty()) {
      fail(word);
    }
    return answer.get();
  }

  /** Reports a finding; does not return if the child hangs. */
  private void fail(String word) throws Exception {
    if (child.end(Duration.ZERO).isEmpty()) {
      trial.hangs(Invariant.I6, what + ": no answer '" + word + "'", HygieneSuite.scene(what));
    }
    throw new DiedException();
  }

  /** The child has died; {@link #judgeEnd} reports it. */
  static final class DiedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Waits until the load is at rest; reports leftovers, wrong outcomes and wrong drops. */
  Census rested() throws Exception {
    judge(Invariant.I6, "left at rest: ", answer(Load.LEFT));
    judge(Invariant.I6, "an outcome was wrong: ", answer(Load.WRONG));
    String[] drops = answer(Load.DROPS).split(" ");
    if (!drops[0].equals(drops[1]) || !drops[2].equals("0")) {
      judge(
          Invariant.I8,
          "drops of objects: ",
          "made %s, dropped at home %s, elsewhere %s".formatted(drops[0], drops[1], drops[2]));
    }
    trial.ran(Invariant.I8, "objects dropped, most by the cleaner", Long.parseLong(drops[1]));
    return Census.parse(answer(Load.RESTED));
  }

  /** Reports a violation if {@code text} is not empty. */
  void judge(Invariant invariant, String meaning, String text) {
    if (!text.isEmpty()) {
      trial.violated(invariant, what + ": " + meaning + text, HygieneSuite.scene(what));
    }
  }

  /** Waits for the child's end; reports it if the child did not end well. */
  void judgeEnd(Invariant damaged) throws Exception {
    if (child.end(limit).isEmpty()) {
      trial.hangs(Invariant.I15, what + ": does not end", HygieneSuite.scene(what));
    }
    List<String> damage = child.damage();
    judge(damaged, "", String.join("\n", damage));
    if (child.code() != 0) {
      judge(Invariant.I6, "ended with " + child.code() + ":\n", child.tail());
    }
  }

  References references() throws Exception {
    List<References> found = new ArrayList<>();
    jcmd(
        line -> {
          Matcher match = REFERENCES.matcher(line);
          if (match.find()) {
            found.add(
                new References(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))));
          }
        },
        "Thread.print");
    if (found.isEmpty()) {
      throw new IllegalStateException("jcmd does not report JNI references");
    }
    return found.get(0);
  }

  /** Returns the memory in KiB that the JVM tracks outside of its heap and its compilers. */
  long trackedKib() throws Exception {
    long[] sum = new long[1];
    jcmd(
        line -> {
          Matcher match = COMMITTED.matcher(line);
          if (line.matches("-\\s+(Other|Internal|Thread) \\(.*") && match.find()) {
            sum[0] += Long.parseLong(match.group(1));
          }
        },
        "VM.native_memory",
        "summary");
    return sum[0];
  }

  private void jcmd(Consumer<String> eachLine, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(String.valueOf(child.pid()));
    command.addAll(List.of(words));
    Command.of(command).onLine(eachLine).run();
  }

  @Override
  public void close() throws IOException {
    child.close();
  }
}
