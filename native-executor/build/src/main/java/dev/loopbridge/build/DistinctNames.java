package dev.loopbridge.build;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** Names of Rust's that must stay different in one place of Java. One thread. */
final class DistinctNames {

  private final String what;
  private final String cure;
  private final Map<String, String> rustNames;

  private DistinctNames(String what, String cure, Comparator<String> order) {
    this.what = what;
    this.cure = cure;
    this.rustNames = new TreeMap<>(order);
  }

  /**
   * Makes one without names.
   *
   * @param what what they are in Java, such as {@code method}
   * @param cure what to do if two are equal
   */
  static DistinctNames of(String what, String cure) {
    return new DistinctNames(what, cure, Comparator.naturalOrder());
  }

  /** Makes that of classes: some file systems have one file for two names that differ in case. */
  static DistinctNames ofClasses(String cure) {
    return new DistinctNames("class", cure, String.CASE_INSENSITIVE_ORDER);
  }

  /**
   * Adds a name.
   *
   * @throws BuildException if another has the same name in Java
   */
  void add(String rust, String java) {
    String other = rustNames.putIfAbsent(java, rust);
    if (other != null) {
      throw new BuildException(
          other + " and " + rust + " would both be the " + what + " " + java + " in Java; " + cure);
    }
  }
}
