package dev.loopbridge.stress.process;

import dev.loopbridge.kit.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A main class that is alone on its class path. */
final class LoneMain {

  private LoneMain() {}

  /** Copies the class and its named nested classes into a directory. */
  static void copy(Class<?> main, Path directory) throws IOException {
    String file = main.getName().replace('.', '/') + ".class";
    Path to = directory.resolve(file);
    Files.createDirectories(to.getParent());
    try (InputStream in = main.getClassLoader().getResourceAsStream(file)) {
      Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
    }
    for (Class<?> inside : main.getDeclaredClasses()) {
      copy(inside, directory);
    }
  }

  /** Returns the command that runs the class in that directory. */
  static List<String> command(
      List<String> options, Class<?> main, Path directory, String... arguments) {
    List<String> command = new ArrayList<>(ChildJvm.command(options, main, arguments));
    command.set(command.indexOf("-cp") + 1, directory.toString());
    return command;
  }
}
