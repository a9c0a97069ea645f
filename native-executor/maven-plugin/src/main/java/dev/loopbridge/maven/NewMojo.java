package dev.loopbridge.maven;

import dev.loopbridge.build.BuildException;
import dev.loopbridge.build.NewProject;
import java.io.File;
import java.nio.file.Path;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/** Writes a project that runs: a Rust crate, and a Java program that calls its functions. */
@Mojo(name = "new", requiresProject = false, threadSafe = true)
public final class NewMojo extends AbstractMojo {

  /** The name of the crate and of the project's directory, such as {@code orders}. */
  @Parameter(required = true, property = "name")
  private String name;

  /** The package of the Java classes, such as {@code shop.orders}. */
  @Parameter(required = true, property = "package")
  private String packageName;

  /** A checkout of Loopbridge, which has the crate that the new one depends on. */
  @Parameter(defaultValue = "loopbridge", property = "loopbridge.checkout")
  private String checkout;

  /** Where the project's directory is made. */
  @Parameter(defaultValue = "${session.executionRootDirectory}", readonly = true)
  private File directory;

  @Parameter(defaultValue = "${plugin.version}", readonly = true)
  private String version;

  /** Maven sets the fields. */
  @SuppressWarnings("NullAway")
  public NewMojo() {}

  @Override
  public void execute() throws MojoFailureException {
    try {
      Path parent = directory.toPath();
      Path written =
          new NewProject(name, packageName, version, parent.resolve(checkout)).write(parent);
      getLog().info("The project is in " + written + ". There, this builds and runs it:");
      getLog().info("  mvn -q compile exec:exec");
    } catch (BuildException e) {
      throw new MojoFailureException(e.getMessage(), e);
    }
  }
}
