/**
 * Runs the races: pairs of steps of the Java half that meet on two threads, on the real memory
 * model, by jcstress. Each proves that no other outcome than the named ones is ever seen. The races
 * themselves are in the packages of the classes that they race, since these are package-private:
 * {@code dev.loopbridge}, {@code dev.loopbridge.reactor} and {@code dev.loopbridge.vertx}.
 *
 * <pre>{@code
 * java -jar stress-tests/target/stress-tests.jar run --suite jcstress --tier T0
 * }</pre>
 */
package dev.loopbridge.races;
