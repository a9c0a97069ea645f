package dev.loopbridge.stress;

import dev.loopbridge.OwnerLoop;

/**
 * A kind of event loop that the suites run on. Those of Netty, Vert.x and Reactor come with the
 * suites; to try one of your own, put it on the class path as a service of this name, and name it
 * by {@code --loops}.
 *
 * <pre>{@code
 * java -cp stress-tests.jar:mine.jar dev.loopbridge.stress.Main run --loops mine
 * }</pre>
 */
public interface LoopKind {

  /** Its name on the command line. */
  String name();

  /** The reason why it cannot be tried on this machine, such as "needs JDK 21"; empty if it can. */
  default String unavailable() {
    return "";
  }

  /** Opens a loop. */
  Started start() throws Exception;

  /** A running loop, and the way its users end it. */
  interface Started {

    /** The loop as the bridge knows it. */
    OwnerLoop loop();

    /**
     * Begins its end, as its framework does; may return before the end. A second call does nothing.
     */
    void end();

    /** A running loop, and the action that begins its end. */
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
