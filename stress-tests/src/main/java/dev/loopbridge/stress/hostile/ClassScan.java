package dev.loopbridge.stress.hostile;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Examines every class of the product: no instance can be made from a stream of bytes or by a copy,
 * and code outside of the product cannot change a field.
 */
final class ClassScan {

  /** The classes that name an object in Rust, or lead to one. */
  private static final Set<String> NAMES =
      Set.of("handle", "ticket", "slot", "generation", "runtime", "port", "library", "invocation");

  private ClassScan() {}

  /** Returns the product's classes without those of its tests and suites. */
  static List<Class<?>> product() throws IOException {
    List<Class<?>> classes = new ArrayList<>();
    for (String packageName : List.of("", "/reactor", "/vertx")) {
      for (String name : names("dev/loopbridge" + packageName)) {
        Class<?> type = load(name);
        if (type != null && !isOpener(name)) {
          classes.add(type);
        }
      }
    }
    return classes;
  }

  /** Returns whether the class is the suites' own, though in a package of the product. */
  private static boolean isOpener(String name) {
    return Stream.of(
            "dev.loopbridge.NativeMethods",
            "dev.loopbridge.NativeAddress",
            "dev.loopbridge.RecordForge",
            "dev.loopbridge.vertx.ContextLoops")
        .anyMatch(opener -> name.equals(opener) || name.startsWith(opener + "$"));
  }

  private static Class<?> load(String name) {
    try {
      Class<?> type = Class.forName(name, false, ClassScan.class.getClassLoader());
      type.getDeclaredFields();
      type.getDeclaredMethods();
      return type;
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      return null; // for a library that is not on the class path
    }
  }

  private static Set<String> names(String directory) throws IOException {
    Set<String> names = new TreeSet<>();
    for (URL place :
        Collections.list(ClassScan.class.getClassLoader().getResources(directory + "/"))) {
      URI uri = URI.create(place.toString());
      if (!uri.getScheme().equals("jar")) {
        names.addAll(classFiles(Path.of(uri), directory));
        continue;
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        names.addAll(classFiles(jar.getPath("/" + directory), directory));
      }
    }
    return names;
  }

  private static List<String> classFiles(Path path, String directory) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class"))
          .map(name -> directory.replace('/', '.') + "." + name.substring(0, name.length() - 6))
          .sorted()
          .toList();
    }
  }

  /** Returns the fault of a class, or null. */
  static String fault(Class<?> type) {
    if (Cloneable.class.isAssignableFrom(type)) {
      return type.getName() + " is cloneable";
    }
    boolean throwable = Throwable.class.isAssignableFrom(type);
    if (Serializable.class.isAssignableFrom(type)
        && !throwable
        && !type.isEnum()
        && !isLambda(type)) {
      return type.getName() + " is serializable";
    }
    for (Field field : type.getDeclaredFields()) {
      int modifiers = field.getModifiers();
      if (throwable
          && !Modifier.isStatic(modifiers)
          && !Modifier.isTransient(modifiers)
          && NAMES.contains(field.getName())) {
        return field + " would be serialized";
      }
      if (Modifier.isPublic(type.getModifiers())
          && (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers))
          && !Modifier.isFinal(modifiers)) {
        return field + " can be set from outside";
      }
      if (type.isRecord()
          && Modifier.isPublic(type.getModifiers())
          && field.getType() == long.class
          && NAMES.contains(field.getName())) {
        return field + " is the handle of a record, which any code can make";
      }
    }
    try {
      type.getDeclaredMethod("readObject", ObjectInputStream.class);
      return type.getName() + " reads itself from a stream";
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static boolean isLambda(Class<?> type) {
    return type.isSynthetic();
  }
}
