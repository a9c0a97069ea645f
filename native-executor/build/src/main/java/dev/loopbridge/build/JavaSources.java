package dev.loopbridge.build;

import dev.loopbridge.build.Item.EnumItem;
import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Item.ObjectItem;
import dev.loopbridge.build.Item.RecordItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The Java classes of a library: a record for each struct, an enum or a sealed interface for each
 * enum, a class for each object, and a class with the free functions as methods. The same library
 * gives the same text. Immutable.
 */
public final class JavaSources {

  private final LibraryMetadata library;
  private final JavaOptions options;
  private final Map<String, String> files = new TreeMap<>();

  /**
   * Generates them.
   *
   * @throws BuildException if the library has something that cannot be in Java
   */
  public JavaSources(LibraryMetadata library, JavaOptions options) {
    this.library = library;
    this.options = options;
    String functions = options.classOf(library);
    String types = functions + "Types";
    Set<String> names = new TreeSet<>(Set.of(functions, types));
    List<Item> described =
        library.items().stream().filter(item -> !(item instanceof FunctionItem)).toList();
    DistinctNames distinct =
        DistinctNames.ofClasses("rename the type, or choose another className for the functions");
    distinct.add("the library's functions", functions);
    distinct.add("the library's codecs", types);
    for (Item item : described) {
      if (isData(item) || item instanceof ObjectItem) {
        distinct.add("the type " + item.name(), JavaNames.upperCamel(item.name()));
        names.add(JavaNames.upperCamel(item.name()));
      }
    }
    CodecNames codecs =
        new CodecNames(
            described.stream().filter(JavaSources::isData).map(Item::name).toList(),
            file(names).use(CodecNames.COMMON));
    for (Item item : described) {
      JavaFile file = file(names);
      if (item instanceof RecordItem struct) {
        String name = JavaNames.upperCamel(item.name());
        naming(item, () -> RecordSource.write(file, 0, item, "", name, struct.fields(), ""));
        add(name, file);
      } else if (item instanceof EnumItem choice && !choice.isError()) {
        naming(item, () -> EnumSource.write(file, choice));
        add(JavaNames.upperCamel(item.name()), file);
      } else if (item instanceof ObjectItem object) {
        naming(item, () -> object(file, object, functions));
        add(JavaNames.upperCamel(item.name()), file);
      }
    }
    JavaFile main = file(names);
    List<FunctionItem> all = functions(library);
    all.forEach(function -> naming(function, () -> requireObject(function, described)));
    new FunctionsSource(main, codecs, types, options.buffers())
        .write(functions, library.name(), all);
    add(functions, main);
    JavaFile codecFile = file(names); // last: by now all codecs that are needed have names
    new TypesSource(codecFile, codecs).write(types, functions, described);
    add(types, codecFile);
  }

  private void object(JavaFile file, ObjectItem item, String functions) {
    List<FunctionItem> own =
        functions(library).stream()
            .filter(function -> function.type().equals(item.name()))
            .toList();
    ObjectSource.write(file, item, functions, own, options.buffers());
  }

  /** Refuses a dot in the name of a function that is none of an object's. */
  private static void requireObject(FunctionItem function, List<Item> described) {
    String type = function.type();
    boolean known =
        described.stream().anyMatch(item -> item instanceof ObjectItem && item.name().equals(type));
    if (!type.isEmpty() && !known) {
      throw new BuildException(
          "a dot stands between an object and its method, and the library describes no object "
              + type
              + ": mark it with #[loopbridge::object], or give the function a name without a dot");
    }
  }

  /** Writes the Java of an item; what is wrong is said with the item's line. */
  static void naming(Item item, Runnable write) {
    try {
      write.run();
    } catch (BuildException e) {
      throw new BuildException("'" + item.line() + "': " + e.getMessage(), e);
    }
  }

  private static boolean isData(Item item) {
    return item instanceof RecordItem || (item instanceof EnumItem choice && !choice.isError());
  }

  private static List<FunctionItem> functions(LibraryMetadata library) {
    return library.items().stream()
        .filter(FunctionItem.class::isInstance)
        .map(FunctionItem.class::cast)
        .toList();
  }

  private JavaFile file(Set<String> names) {
    return new JavaFile(library.name(), options.packageName(), names);
  }

  private void add(String type, JavaFile file) {
    files.put(options.pathOf(type), file.text());
  }

  /** The texts, by the path of each below the root of sources. */
  public Map<String, String> files() {
    return Map.copyOf(files);
  }

  /**
   * Writes the files below a directory. A file that has the same text already is left as it is, so
   * that no build tool compiles it again; a generated file that is none of these is deleted.
   *
   * @return how many files were written or deleted
   */
  public int writeTo(Path directory) {
    int changed = 0;
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = directory.resolve(file.getKey());
        byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
        if (!Files.exists(path) || !Arrays.equals(Files.readAllBytes(path), text)) {
          Files.createDirectories(path.getParent());
          Files.write(path, text);
          changed++;
        }
      }
      return changed + deleteStale(directory);
    } catch (IOException | UncheckedIOException e) {
      throw new BuildException("the classes cannot be written below " + directory + ": " + e, e);
    }
  }

  private int deleteStale(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> stale =
          all.filter(path -> path.toString().endsWith(".java"))
              .filter(path -> !files.containsKey(name(directory, path)))
              .filter(path -> read(path).startsWith(JavaFile.HEADER + library.name() + "."))
              .toList();
      for (Path path : stale) {
        Files.delete(path);
      }
      return stale.size();
    }
  }

  private static String name(Path directory, Path file) {
    return directory.relativize(file).toString().replace('\\', '/');
  }

  /** The text of any file: those of others may have any encoding. */
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
