package dev.loopbridge.stress.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;

/**
 * Another user of the machine, who tries without end to put a file of its own in the place of files
 * that appear in a directory for temporary files. Prints each successful access once. It is alone
 * on its JVM's class path.
 */
public final class Intruder {

  static final String READY = "ready";
  static final String COULD = "could";

  private static final Set<String> PRINTED = new TreeSet<>();

  private Intruder() {}

  /** Takes the directory. */
  public static void main(String... arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    System.out.println(READY);
    while (System.in.available() == 0) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "loopbridge*")) {
        for (Path each : all) {
          if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
            attempt("enter", () -> Files.newDirectoryStream(each).close(), each);
            attempt("write into", () -> Files.createFile(each.resolve("libintruder.so")), each);
            attempt("move", () -> Files.move(each, directory.resolve("loopbridge-moved")), each);
          } else {
            attempt("read", () -> Files.newInputStream(each).close(), each);
            attempt(
                "write", () -> Files.newOutputStream(each, StandardOpenOption.WRITE).close(), each);
            attempt("delete", () -> Files.delete(each), each);
          }
        }
      }
    }
  }

  private interface Act {
    void run() throws IOException;
  }

  private static void attempt(String what, Act act, Path each) {
    try {
      act.run();
    } catch (IOException e) {
      return; // the access is refused, as it must be
    }
    if (PRINTED.add(what + " " + each)) {
      System.out.println(COULD + " " + what + " " + each.getFileName());
    }
  }
}
