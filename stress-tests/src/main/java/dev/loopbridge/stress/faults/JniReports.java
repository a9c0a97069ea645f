package dev.loopbridge.stress.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds the reports of {@code -Xcheck:jni} in a JVM's log. */
final class JniReports {

  private static final Pattern REPORT =
      Pattern.compile("(WARNING|FATAL ERROR) in native method|WARNING: JNI");

  private static final int FRAMES = 12;

  private JniReports() {}

  static boolean isOne(String line) {
    return REPORT.matcher(line).find();
  }

  /** Returns the reports about code of the bridge, each with its first frames. */
  static List<String> in(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    List<String> reports = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (isOne(lines.get(i))) {
        List<String> report = lines.subList(i, Math.min(lines.size(), i + FRAMES));
        if (report.stream().anyMatch(line -> line.contains("dev.loopbridge"))) {
          reports.add(String.join("\n", report));
        }
      }
    }
    return reports;
  }
}
