package dev.loopbridge.maven;

import java.io.File;
import java.nio.file.Path;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/** The file that the goals are about. */
final class Libraries {

  private Libraries() {}

  /** The file that the user names, or else the one that was built before in this run of Maven. */
  static Path find(MavenProject project, @Nullable File named) throws MojoFailureException {
    if (named != null) {
      return named.toPath();
    }
    String built = project.getProperties().getProperty(CargoMojo.LIBRARY);
    if (built == null) {
      throw new MojoFailureException(
          "no library was built: run the goal loopbridge:cargo before this one, or name a file by"
              + " <library>");
    }
    return Path.of(built);
  }
}
