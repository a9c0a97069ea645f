package dev.loopbridge.stress.process;

import dev.loopbridge.NativeLibrary;

/**
 * The mistakes that native code can make with a JVM, planted to show that the suites notice them.
 * Twin of the crate's mistakes.rs.
 */
public final class Mistakes {

  static {
    NativeLibrary.load("benchmarks", Mistakes.class.getClassLoader());
  }

  private Mistakes() {}

  /** Makes {@code count} global references to an object, and never deletes them. */
  public static native void leakGlobals(Object object, int count);

  /** Calls the JVM while an exception is pending. */
  public static native void callOnWithAnException();

  /** Ends a thread that is attached to the JVM. */
  public static native void endAttachedThread();
}
