package dev.loopbridge.stress;

import dev.loopbridge.OwnerLoop;

/**
 * A kind of event loop that the suites run on. Those of Netty, Vert.x and Reactor come with the
 * suites; to try a loop of your own, put its kind on the class path as a service of this interface,
 * and give its name to {@code --loops}.
 *
 * <pre>{@code
 * java -cp stress-tests.jar:mine.jar dev.loopbridge.stress.Main run --loops mine
 * }</pre>
 */
public interface LoopKind {

  /** Returns the kind's name on the command line. */
  String name();

  /** Returns why this machine cannot try the kind, such as "needs JDK 21"; empty if it can. */
  default String unavailable() {
    return "";
  }

  /** Opens a loop. */
  Started start() throws Exception;

  /** A running loop, and the way its users end it. */
  interface Started {

    /** Returns the loop as the bridge uses it. */
    OwnerLoop loop();

    /**
     * Begins the loop's end as its framework does; may return before the end. A second call does
     * nothing.
     */
    void end();

    /** Returns a running loop whose end begins with the action. */
    static Started of(OwnerLoop loop, Runnable end) {
      return new Started() {
        @Override
        public OwnerLoop loop() {
          return loop;
        }

        @Override
        public void end() {
          end.run();
        }
      };
    }
  }
}
