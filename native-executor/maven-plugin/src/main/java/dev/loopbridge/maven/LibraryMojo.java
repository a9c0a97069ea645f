package dev.loopbridge.maven;

import dev.loopbridge.build.BuildException;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/** A goal of a project that has a Rust library. */
abstract class LibraryMojo extends AbstractMojo {

  /** Whether to do nothing. */
  @Parameter(defaultValue = "false", property = "loopbridge.skip")
  private boolean skip;

  @Parameter(defaultValue = "${project}", readonly = true)
  MavenProject project;

  /** Maven sets the fields. */
  @SuppressWarnings("NullAway")
  LibraryMojo() {}

  @Override
  public void execute() throws MojoFailureException {
    if (skip) {
      return;
    }
    try {
      run();
    } catch (BuildException e) {
      throw new MojoFailureException(e.getMessage(), e);
    }
  }

  abstract void run() throws MojoFailureException;
}
