package dev.loopbridge.stress;

/** Something that a suite needs is not on this machine; the message says what to install. */
public final class MissingToolException extends Exception {

  private static final long serialVersionUID = 1L;

  public MissingToolException(String whatToInstall) {
    super("needs " + whatToInstall);
  }
}
