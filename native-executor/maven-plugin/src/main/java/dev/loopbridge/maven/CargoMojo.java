package dev.loopbridge.maven;

import dev.loopbridge.build.Cargo;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Builds the Rust library with cargo. The property {@code loopbridge.library} names the file to the
 * goals that follow.
 */
@Mojo(name = "cargo", defaultPhase = LifecyclePhase.GENERATE_SOURCES, threadSafe = true)
public final class CargoMojo extends LibraryMojo {

  static final String LIBRARY = "loopbridge.library";
  static final String PLATFORM = "loopbridge.platform";

  /** The directory of the crate. */
  @Parameter(defaultValue = "${project.basedir}/native", property = "loopbridge.crate")
  private File crate;

  /** Where cargo keeps what it builds. */
  @Parameter(defaultValue = "${project.build.directory}/cargo")
  private File targetDirectory;

  /** The profile of cargo's: {@code release}, or {@code dev}, which builds faster. */
  @Parameter(defaultValue = "release", property = "loopbridge.profile")
  private String profile;

  /** Further arguments of {@code cargo build}, such as {@code --locked}. */
  @Parameter private List<String> cargoArguments = List.of();

  /** Maven sets the fields. */
  @SuppressWarnings("NullAway")
  public CargoMojo() {}

  @Override
  void run() {
    Cargo cargo = new Cargo(crate.toPath(), targetDirectory.toPath());
    cargo.requireTools();
    getLog().info("Building the Rust library in " + crate + ", which takes minutes the first time");
    List<String> arguments = new ArrayList<>(List.of("--profile", profile));
    arguments.addAll(cargoArguments);
    Path library = cargo.build(arguments);
    project.getProperties().setProperty(LIBRARY, library.toString());
    project.getProperties().setProperty(PLATFORM, cargo.platform(arguments).name());
  }
}
