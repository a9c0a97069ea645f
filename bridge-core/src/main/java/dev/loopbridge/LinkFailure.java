package dev.loopbridge;

/** The messages of the system's loader when it cannot map a library, and the advice for each. */
final class LinkFailure {

  /** Part of a message of glibc's or musl's loader, or of the JVM, and then the advice. */
  private static final String[][] ADVICE = {
    {
      "failed to map segment",
      "its file system is mounted noexec or a policy forbids code there: move the file"
    },
    {
      "another classloader",
      "the JVM has that file loaded for one class loader and lends it to no second one: give it a"
          + " java.io.tmpdir from which it can map private copies"
    },
    {
      "version `GLIBC_",
      "it was built on a system with a newer C library than this one: build it on one as old"
    },
    {
      "ld-linux-",
      "it is for glibc, this JVM runs on another C library: build it on a system like this"
    },
    {
      "libc.musl-",
      "it is for musl, this JVM runs on another C library: build it on a system like this"
    },
    {
      "cannot open shared object file",
      "it needs a library that is not installed, or not where the system looks for libraries"
    },
  };

  private LinkFailure() {}

  /**
   * Returns whether the place is at fault, from which no code can be mapped, and not the library.
   */
  static boolean isOfPlace(UnsatisfiedLinkError failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("failed to map segment") // glibc
        || message.contains("Operation not permitted") // musl
        || message.contains("Permission denied");
  }

  static NativeLibraryException of(LibrarySource source, UnsatisfiedLinkError failure) {
    String message = String.valueOf(failure.getMessage());
    String advice = "";
    for (String[] each : ADVICE) {
      if (advice.isEmpty() && message.contains(each[0])) {
        advice = "; " + each[1];
      }
    }
    return new NativeLibraryException(
        "the JVM cannot load library '"
            + source.library()
            + "' from "
            + source
            + ": "
            + message
            + advice,
        failure);
  }
}
