/**
 * Runs the races by jcstress: pairs of steps of the Java half that meet on two threads, on the real
 * memory model. Each race checks that no outcome but the named ones is ever seen. The races
 * themselves are in the packages of the classes that they race, since these are package-private:
 * {@code dev.loopbridge}, {@code dev.loopbridge.reactor} and {@code dev.loopbridge.vertx}.
 *
 * <pre>{@code
 * java -jar stress-tests/target/stress-tests.jar run --suite jcstress --tier T0
 * }</pre>
 */
package dev.loopbridge.races;
