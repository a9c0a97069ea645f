package dev.loopbridge.stress;

/** The promises that must always hold; every finding of a suite names one of them. */
public enum Invariant {
  I1("no wake is lost: a task that was woken is polled"),
  I2("at most one queue entry for a task, one pending drain for a loop"),
  I3("every accepted call settles exactly once"),
  I4("a wake never blocks, and never calls Java under a lock"),
  I5("a cancelled call drops its Rust future and frees what it held"),
  I6("nothing leaks: calls, tasks, payloads, references, threads, memory"),
  I7("chains of any length finish on a bounded stack"),
  I8("close, cleaner and call in any order: released once, never during a call"),
  I9("state that was freed is never touched: late wakers are inert"),
  I10("no handle value, however hostile, gets past a typed exception"),
  I11("any bytes decode to a value or a typed error"),
  I12("a fault on the way of a completion still settles the future"),
  I13("-Xcheck:jni has nothing to report"),
  I14("a panic anywhere becomes one typed exception"),
  I15("the JVM exits in bounded time with work in flight"),
  I16("threads attached to the JVM are gone when they should be"),
  I17("a class loader can be collected after close, and the library loaded again"),
  I18("no wake storm: polls follow wakes, an idle bridge rests"),
  I19("correct by the memory model, not by the processor at hand"),
  I20("counters and generations wrap safely"),
  I21("fork and a second JVM are refused or harmless"),
  I22("the JVM's signal handling is left as it was"),
  I23("callbacks run on the owner loop only; a loop that ends fails its calls"),
  I24("results of one object arrive in the order in which they were produced"),
  I25("library loading cannot be hijacked"),
  I26("handles cannot be serialized or cloned"),
  I27("overload is refused, memory stays bounded"),
  I28("the suites find the bugs that were planted for them");

  private final String text;

  Invariant(String text) {
    this.text = text;
  }

  /** Returns the promise in one line. */
  public String text() {
    return text;
  }
}
