/**
 * The command line of the suites, and the harness that runs each suite in a JVM of its own: tries,
 * findings, the ledger, the report, and the bugs that {@code self-check} plants. Each suite has a
 * package of its own below this one, and states there which invariants it tries. A user's own
 * {@link dev.loopbridge.OwnerLoop} goes through all suites as a service of {@link
 * dev.loopbridge.stress.LoopKind}.
 *
 * <pre>{@code
 * java -jar stress-tests/target/stress-tests.jar --help
 * java -jar stress-tests/target/stress-tests.jar run --suite history,storm --tier T0
 * }</pre>
 */
package dev.loopbridge.stress;
