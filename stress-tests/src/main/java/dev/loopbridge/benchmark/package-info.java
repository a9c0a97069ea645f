/**
 * The benchmark: arms that do the same work by the bridge, by pure Java, by hand-written JNI and by
 * a published library, in rounds of a new order each. Its figures are in the README; it proves no
 * invariant.
 *
 * <pre>{@code
 * mvn -q -Pbenchmark package -Dbenchmark.args="--quick --only trips,idle"
 * }</pre>
 */
package dev.loopbridge.benchmark;
