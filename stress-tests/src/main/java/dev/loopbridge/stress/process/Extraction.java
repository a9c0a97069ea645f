package dev.loopbridge.stress.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Watches a directory for temporary files: it records the files that appear and their permissions.
 */
final class Extraction implements AutoCloseable {

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final Path directory;
  private final Set<Path> known;
  private final Map<Path, Set<PosixFilePermission>> appeared = new ConcurrentHashMap<>();
  private final Thread watcher;
  private volatile boolean over;

  /** Begins to watch. Files that exist already do not count. */
  Extraction(Path directory) throws IOException {
    this.directory = directory;
    try (var files = Files.list(directory)) {
      this.known = files.collect(Collectors.toSet());
    }
    this.watcher = new Thread(this::watch, "extraction");
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch() {
    while (!over) {
      look(directory, known);
    }
  }

  private void look(Path at, Set<Path> leftOut) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(at)) {
      for (Path file : files) {
        if (leftOut.contains(file) || file.getFileName().toString().startsWith("hsperfdata")) {
          continue;
        }
        Set<PosixFilePermission> may =
            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        appeared.merge(
            file,
            may,
            (one, other) -> {
              Set<PosixFilePermission> both = EnumSet.copyOf(one);
              both.addAll(other);
              return both;
            });
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
          look(file, Set.of());
        }
      }
    } catch (NoSuchFileException e) {
      // The file was deleted during the check.
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns how many files and directories were seen. */
  int seen() {
    return appeared.size();
  }

  /** Returns the files that other users than their owner may access. */
  Set<String> open() {
    return appeared.entrySet().stream()
        .filter(each -> !OWNERS.containsAll(each.getValue()))
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    over = true;
    try {
      watcher.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
