package dev.loopbridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the child JVMs of {@link LoadingTest} run. */
public final class LoadingMain {

  private LoadingMain() {}

  /**
   * Does one thing for each argument: {@code NAME} loads a library and adds with it, {@code
   * PROPERTY=VALUE} sets a system property, in whose value {@code %XXXX} is a letter, {@code !FILE}
   * overwrites a file.
   */
  public static void main(String... arguments) throws Exception {
    for (String argument : arguments) {
      if (argument.startsWith("!")) {
        overwrite(Path.of(argument.substring(1)));
      } else if (argument.contains("=")) {
        int at = argument.indexOf('=');
        System.setProperty(argument.substring(0, at), letters(argument.substring(at + 1)));
      } else {
        load(argument);
      }
    }
  }

  private static String letters(String value) {
    int at = value.indexOf('%');
    return at < 0
        ? value
        : value.substring(0, at)
            + (char) Integer.parseInt(value.substring(at + 1, at + 5), 16)
            + letters(value.substring(at + 5));
  }

  private static void load(String name) throws Exception {
    try {
      NativeLibrary library = NativeLibrary.load(name);
      try (NativeRuntime runtime = NativeRuntime.create(library)) {
        long sum = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L).await();
        System.out.println(name + " works: " + sum);
      }
    } catch (LoopbridgeException e) {
      System.out.println(
          name + " is refused: " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  /** Overwrites in place, as {@code cp} does: the file stays the same, its content does not. */
  private static void overwrite(Path file) throws IOException {
    int size = Math.toIntExact(Files.size(file));
    Files.write(file, new byte[0]);
    Files.write(file, new byte[size]);
  }
}
