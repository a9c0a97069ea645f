package dev.loopbridge.stress.hygiene;

import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A JVM's options under which the load runs.
 *
 * @param slowness how many times fewer calls this setting gets than the others
 */
record Setting(String name, double slowness, List<String> options) {

  static final String CHECKED = "-Xcheck:jni";

  private static final String COMPILE_ONLY = "-XX:CompileCommand=compileonly,dev.loopbridge.*::*";

  private static Setting of(String name, double slowness, String... options) {
    List<String> all = new ArrayList<>(List.of("-XX:+UnlockDiagnosticVMOptions"));
    all.add("-XX:+UnlockExperimentalVMOptions");
    all.addAll(Arrays.asList(options));
    return new Setting(name, slowness, List.copyOf(all));
  }

  static Setting checked(Tier tier) {
    return of(CHECKED, tier == Tier.T0 ? 1 : 0.5, CHECKED, "-Xmx256m");
  }

  /** Returns the settings of a tier, whether or not this JVM has them. */
  static List<Setting> of(Tier tier) {
    Setting z = of("ZGC", 1, "-XX:+UseZGC", "-Xmx256m");
    if (tier == Tier.T0) {
      return List.of(checked(tier), z);
    }
    return Stream.of(
            checked(tier),
            z,
            of("Serial", 1, "-XX:+UseSerialGC", "-Xmx64m"),
            of("Parallel", 1, "-XX:+UseParallelGC", "-Xmx64m"),
            of("G1", 1, "-XX:+UseG1GC", "-Xmx64m"),
            of("Shenandoah", 1, "-XX:+UseShenandoahGC", "-Xmx128m"),
            of("-Xint", 8, "-Xint", "-Xmx128m"),
            // All code of the bridge compiled before it first runs; the JDK's would take a minute.
            of("-Xcomp", 2, "-Xcomp", COMPILE_ONLY, "-XX:CompileCommand=quiet", "-Xmx128m"),
            of(
                "safepoint storm",
                4,
                "-XX:+SafepointALot",
                "-XX:GuaranteedSafepointInterval=1",
                "-Xmx128m"),
            of(
                "handshake storm",
                4,
                "-XX:+HandshakeALot",
                "-XX:GuaranteedSafepointInterval=1",
                "-Xmx128m"),
            of(
                "verified",
                4,
                "-XX:+VerifyBeforeGC",
                "-XX:+VerifyAfterGC",
                "-XX:+UseSerialGC",
                "-Xmx32m"),
            of("small heap", 2, "-XX:+UseSerialGC", "-Xmx24m"),
            of("small heap, checked", 2, CHECKED, "-XX:+UseSerialGC", "-Xmx24m"))
        .toList();
  }

  boolean isChecked() {
    return options.contains(CHECKED);
  }

  /** Returns whether this JVM takes the options. */
  boolean isThere() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-version");
    return Command.of(command).run().ok();
  }
}
