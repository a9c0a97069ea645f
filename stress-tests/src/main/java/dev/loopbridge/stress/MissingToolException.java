package dev.loopbridge.stress;

/** This machine lacks a tool that a suite needs; the message names what to install. */
public final class MissingToolException extends Exception {

  private static final long serialVersionUID = 1L;

  public MissingToolException(String whatToInstall) {
    super("needs " + whatToInstall);
  }
}
