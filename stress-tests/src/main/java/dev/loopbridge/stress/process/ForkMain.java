package dev.loopbridge.stress.process;

import dev.loopbridge.NativeCall;
import dev.loopbridge.kit.Fn;
import java.nio.charset.StandardCharsets;

/** Starts processes while calls are in flight, and checks that both work. */
final class ForkMain {

  static final String FORKED = "forked";

  private ForkMain() {}

  /** Takes the number of processes. */
  public static void main(String... arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    InFlight work = InFlight.start();
    NativeCall<Long> yielding = Fn.YIELD_TIMES.call(work.runtime, 3L);
    for (int i = 0; i < count; i++) {
      Process process = new ProcessBuilder("echo", "from " + i).start();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
      if (process.waitFor() != 0 || !answer.equals("from " + i)) {
        throw new IllegalStateException("process " + i + " printed: " + answer);
      }
      if (yielding.await() != 3) {
        throw new IllegalStateException("a call went wrong after process " + i);
      }
    }
    System.out.println(FORKED + " " + count);
    System.exit(0);
  }
}
