package dev.loopbridge.maven;

import dev.loopbridge.build.JavaOptions;
import dev.loopbridge.build.JavaSources;
import dev.loopbridge.build.LibraryMetadata;
import java.io.File;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Generates the Java classes of the Rust library, and has them compiled with the project's own. The
 * file of the library is read and not run, so it may be one for another platform.
 */
@Mojo(name = "generate", defaultPhase = LifecyclePhase.GENERATE_SOURCES, threadSafe = true)
public final class GenerateMojo extends LibraryMojo {

  /** The package of the classes. */
  @Parameter(required = true, property = "loopbridge.package")
  private String packageName;

  /** The class of the functions; by default the name of the library. */
  @Parameter private @Nullable String className;

  /** Whether bytes are {@code ByteBuf}s, which need not be copied, in place of {@code byte[]}. */
  @Parameter(defaultValue = "false")
  private boolean buffers;

  /** The file of the library; by default the one that the goal {@code cargo} has built. */
  @Parameter private @Nullable File library;

  /** The root of the generated sources. */
  @Parameter(defaultValue = "${project.build.directory}/generated-sources/loopbridge")
  private File outputDirectory;

  /** Maven sets the fields. */
  @SuppressWarnings("NullAway")
  public GenerateMojo() {}

  @Override
  public void execute() throws MojoFailureException {
    project.addCompileSourceRoot(outputDirectory.getAbsolutePath());
    super.execute();
  }

  @Override
  void run() throws MojoFailureException {
    LibraryMetadata metadata = LibraryMetadata.read(Libraries.find(project, library));
    JavaOptions options = new JavaOptions(packageName, className == null ? "" : className, buffers);
    int changed = new JavaSources(metadata, options).writeTo(outputDirectory.toPath());
    getLog().info(changed == 0 ? "The classes are up to date" : changed + " classes have changed");
  }
}
