package dev.loopbridge.stress;

import java.io.IOException;
import java.nio.file.Path;

/** Finds out the commit of a checkout. */
final class Commit {

  private Commit() {}

  /**
   * Returns the commit's short name, with a plus if files differ from it; "unknown" where git does
   * not report it.
   */
  static String of(Path checkout) {
    try {
      Command.Ended name = Command.of("git", "rev-parse", "--short=10", "HEAD").in(checkout).run();
      // Each run writes to the ledger.
      Command.Ended changed =
          Command.of("git", "status", "--porcelain", "--", ".", ":!stress-tests/ledger.jsonl")
              .in(checkout)
              .run();
      if (!name.ok() || !changed.ok()) {
        return "unknown";
      }
      return name.tail() + (changed.tail().isEmpty() ? "" : "+");
    } catch (MissingToolException | IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }
}
