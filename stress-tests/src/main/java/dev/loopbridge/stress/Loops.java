package dev.loopbridge.stress;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** Finds the kinds of loop on the class path. */
final class Loops {

  private Loops() {}

  static Map<String, LoopKind> all() {
    Map<String, LoopKind> kinds = new LinkedHashMap<>();
    for (LoopKind kind : ServiceLoader.load(LoopKind.class)) {
      if (kinds.putIfAbsent(kind.name(), kind) != null) {
        throw new IllegalStateException("two loop kinds are called " + kind.name());
      }
    }
    return kinds;
  }

  /** Returns the kinds of these names; all if no name is given. */
  static List<LoopKind> named(List<String> names) {
    Map<String, LoopKind> kinds = all();
    if (names.isEmpty()) {
      return List.copyOf(kinds.values());
    }
    return names.stream()
        .map(
            name -> {
              LoopKind kind = kinds.get(name);
              if (kind == null) {
                throw new IllegalArgumentException(
                    "there is no loop kind "
                        + name
                        + " on the class path, only "
                        + String.join(", ", kinds.keySet()));
              }
              return kind;
            })
        .toList();
  }
}
