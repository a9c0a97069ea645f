package dev.loopbridge.stress.hostile;

import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.MissingToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Examines a library's file with readelf: the symbols it exports, and the rights of its pages. */
final class LibraryAudit {

  /** The only symbol that a library exports. */
  private static final Set<String> EXPORTED = Set.of("JNI_OnLoad");

  private LibraryAudit() {}

  /** Copies a library from its jar into a file. */
  static Path extracted(String name, Path directory) throws IOException {
    String resource = "META-INF/native/linux-x86_64/lib" + name + ".so";
    if (!System.getProperty("os.arch").equals("amd64")) {
      resource = resource.replace("x86_64", System.getProperty("os.arch"));
    }
    try (InputStream file = LibraryAudit.class.getClassLoader().getResourceAsStream(resource)) {
      if (file == null) {
        throw new IOException("no resource " + resource);
      }
      Path copy = directory.resolve("lib" + name + ".so");
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      return copy;
    }
  }

  /** Returns the faults of a library; empty if there are none. */
  static List<String> faults(Path library, Set<String> allowed)
      throws MissingToolException, IOException, InterruptedException {
    List<String> faults = new ArrayList<>();
    Set<String> exported = new TreeSet<>();
    for (String line : readelf("--dyn-syms", library)) {
      String[] columns = line.trim().split("\\s+");
      // Num: Value Size Type Bind Vis Ndx Name
      if (columns.length >= 8
          && (columns[4].equals("GLOBAL") || columns[4].equals("WEAK"))
          && !columns[6].equals("UND")) {
        exported.add(columns[7].replaceAll("@.*", ""));
      }
    }
    if (!exported.equals(allowed)) {
      faults.add("exports " + exported + ", expected " + allowed);
    }
    String dynamic = String.join("\n", readelf("--dynamic", library));
    if (!dynamic.contains("BIND_NOW") && !dynamic.contains("Flags: NOW")) {
      faults.add("is not bound at once (BIND_NOW)");
    }
    if (dynamic.contains("TEXTREL")) {
      faults.add("has relocations in its code");
    }
    List<String> segments = readelf("--segments", library);
    if (segments.stream().noneMatch(line -> line.contains("GNU_RELRO"))) {
      faults.add("has no RELRO segment");
    }
    if (segments.stream().noneMatch(line -> line.contains("GNU_STACK"))
        || segments.stream().anyMatch(line -> line.contains("GNU_STACK") && line.contains("RWE"))) {
      faults.add("wants an executable stack");
    }
    if (segments.stream().anyMatch(line -> line.contains("LOAD") && line.contains("RWE"))) {
      faults.add("has memory that is writable and executable");
    }
    return faults;
  }

  static Set<String> expected() {
    return EXPORTED;
  }

  private static List<String> readelf(String what, Path library)
      throws MissingToolException, IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    Command.Ended ended =
        Command.of("readelf", "--wide", what, library.toString())
            .with("LC_ALL", "C")
            .onLine(lines::add)
            .run();
    if (!ended.ok()) {
      throw new IOException(ended.tail());
    }
    return lines;
  }
}
