package dev.loopbridge.maven;

import dev.loopbridge.build.Cargo;
import dev.loopbridge.build.LibraryMetadata;
import dev.loopbridge.build.Platform;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Puts the Rust library into the jar, where {@code NativeLibrary.load} looks for it. */
@Mojo(name = "pack", defaultPhase = LifecyclePhase.PROCESS_RESOURCES, threadSafe = true)
public final class PackMojo extends LibraryMojo {

  /** The file of the library; by default the one that the goal {@code cargo} has built. */
  @Parameter private @Nullable File library;

  /** Its platform, such as {@code linux-aarch64}; by default that of this machine's Rust. */
  @Parameter private @Nullable String platform;

  /** The classes of the jar. */
  @Parameter(defaultValue = "${project.build.outputDirectory}")
  private File outputDirectory;

  /** Maven sets the fields. */
  @SuppressWarnings("NullAway")
  public PackMojo() {}

  @Override
  void run() throws MojoFailureException {
    try {
      Path file = Libraries.find(project, library);
      LibraryMetadata metadata = LibraryMetadata.read(file);
      Platform packed = platform();
      metadata.requirePlatform(packed);
      Path resource = outputDirectory.toPath().resolve(packed.resourceOf(metadata.name()));
      Files.createDirectories(resource.getParent());
      Files.copy(
          file, resource, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    } catch (IOException e) {
      throw new MojoFailureException("the library cannot be copied: " + e, e);
    }
  }

  private Platform platform() {
    if (platform != null) {
      return new Platform(platform);
    }
    String built = project.getProperties().getProperty(CargoMojo.PLATFORM);
    return built == null
        ? new Cargo(project.getBasedir().toPath(), outputDirectory.toPath()).platform(List.of())
        : new Platform(built);
  }
}
