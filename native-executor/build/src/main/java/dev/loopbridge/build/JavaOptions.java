package dev.loopbridge.build;

import java.util.Locale;
import javax.lang.model.SourceVersion;

/**
 * What a user may choose of the generated classes. Immutable.
 *
 * @param packageName their package
 * @param className the class of the library's functions; empty for the library's own name
 * @param buffers whether the bytes that a function takes and returns are {@code ByteBuf}s, which
 *     need not be copied, in place of {@code byte[]}
 */
public record JavaOptions(String packageName, String className, boolean buffers) {

  /**
   * Checks the names.
   *
   * @throws BuildException if one is no name of Java's
   */
  public JavaOptions {
    if (!SourceVersion.isName(packageName)) {
      throw new BuildException(
          "'" + packageName + "' is no package of Java's; expected is a name such as shop.orders");
    }
    if (!className.isEmpty() && (className.contains(".") || !SourceVersion.isName(className))) {
      throw new BuildException(
          "'" + className + "' is no class of Java's; expected is a name such as Orders");
    }
  }

  /** The defaults, with this package. */
  public static JavaOptions of(String packageName) {
    return new JavaOptions(packageName, "", false);
  }

  String classOf(LibraryMetadata library) {
    return className.isEmpty() ? JavaNames.upperCamel(library.name()) : className;
  }

  String pathOf(String type) {
    return packageName.replace('.', '/') + "/" + type + ".java";
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "JavaOptions(%s, %s, %b)", packageName, className, buffers);
  }
}
