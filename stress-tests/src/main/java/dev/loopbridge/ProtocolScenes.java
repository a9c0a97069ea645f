package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * What Lincheck tries of the rings and of a port's drains: Java's half, and a model in Java of
 * Rust's. What the owner loop alone may do is in the group "loop", what the dispatcher does in its
 * own.
 */
public final class ProtocolScenes {

  private static final int CAPACITY = 4;

  private ProtocolScenes() {}

  /** The submission ring as the queue it is: the loop submits, the dispatcher takes. */
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  public static class Submissions {

    private final ByteBuffer memory = RecordLayout.allocate(CAPACITY, CAPACITY);
    private final SubmissionRing ring = new SubmissionRing(memory, CAPACITY);

    private long head;

    /** Empty. */
    public Submissions() {}

    /** Whether there was room. */
    @Operation(nonParallelGroup = "loop")
    public boolean submit(@Param(name = "value") int value) {
      if (!ring.hasRoomFor(1)) {
        return false;
      }
      RecordLayout.word(memory, ring.claim(), value);
      ring.add();
      ring.publish();
      return true;
    }

    /** The next, or 0. */
    @Operation(nonParallelGroup = "dispatcher")
    public long take() {
      if (RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_TAIL) == head) {
        return 0;
      }
      long value =
          RecordLayout.word(
              memory, RecordLayout.RINGS + RecordLayout.RECORD_BYTES * (int) (head % CAPACITY));
      head++;
      RecordLayout.wordRelease(memory, RecordLayout.SUBMISSION_HEAD, head);
      return value;
    }
  }

  /** What {@link Submissions} must look like. */
  public static class BoundedQueue {

    private final Queue<Integer> queue = new ArrayDeque<>();

    /** Empty. */
    public BoundedQueue() {}

    /** Whether there was room. */
    public boolean submit(int value) {
      return queue.size() < CAPACITY && queue.add(value);
    }

    /** The next, or 0. */
    public long take() {
      return queue.isEmpty() ? 0 : queue.remove();
    }
  }

  /** The doorbell: whoever parks with a call unread has been rung. */
  public static class Doorbell {

    private final ByteBuffer memory = RecordLayout.allocate(CAPACITY, CAPACITY);
    private final SubmissionRing ring = new SubmissionRing(memory, CAPACITY);

    private volatile boolean woken;
    private volatile boolean asleep;
    private long head;

    /** Nothing to do, and awake. */
    public Doorbell() {}

    /** A turn of the loop that submits one call. */
    @Operation(nonParallelGroup = "loop")
    public void submit() {
      if (ring.hasRoomFor(1)) {
        RecordLayout.word(memory, ring.claim(), 1);
        ring.add();
        if (ring.ring()) {
          woken = true;
        }
      }
    }

    /** One round of the dispatcher, unless it sleeps. */
    @Operation(nonParallelGroup = "dispatcher")
    public void run() {
      if (asleep && !woken) {
        return;
      }
      asleep = false;
      woken = false;
      readAll();
      RecordLayout.wordOr(memory, RecordLayout.DOORBELL, RecordLayout.DOORBELL_PARKED);
      if (tail() == head) {
        asleep = true;
      } else {
        RecordLayout.wordAnd(memory, RecordLayout.DOORBELL, ~RecordLayout.DOORBELL_PARKED);
      }
    }

    private void readAll() {
      head = tail();
      RecordLayout.wordRelease(memory, RecordLayout.SUBMISSION_HEAD, head);
    }

    private long tail() {
      return RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_TAIL);
    }

    /** No call waits for ever. */
    @Validate
    public void noCallWaits() {
      if (asleep && !woken && tail() != head) {
        throw new IllegalStateException("the dispatcher sleeps over " + (tail() - head) + " calls");
      }
    }
  }

  /** The wake word: workers publish, a drain goes idle. */
  public static class Wakes {

    private final AtomicLong claimed = new AtomicLong();

    private final ByteBuffer memory = RecordLayout.allocate(16, 16);
    private final CompletionRing ring = new CompletionRing(memory, 16, 16);

    private volatile int owed;

    /** Idle. */
    public Wakes() {}

    /** A worker publishes a record and makes sure that it is drained. */
    @Operation
    public void publish() {
      long index = claimed.getAndIncrement();
      int record =
          RecordLayout.RINGS
              + RecordLayout.RECORD_BYTES * 16
              + RecordLayout.RECORD_BYTES * (int) (index % 16);
      RecordLayout.wordRelease(memory, record, index + 1);
      long seen = RecordLayout.wordAcquire(memory, RecordLayout.WAKE);
      if ((seen & RecordLayout.WAKE_SCHEDULED) == 0 && ring.schedule()) {
        owe();
      }
    }

    private synchronized void owe() {
      owed++;
    }

    /** The drain that is owed, as a port's is. */
    @Operation(nonParallelGroup = "loop")
    public void drain() {
      synchronized (this) {
        if (owed == 0) {
          return;
        }
        owed--;
      }
      boolean more;
      do {
        while (ring.isReady()) {
          ring.advance();
        }
        ring.idle();
        more = ring.isReady();
      } while (more && ring.schedule());
    }

    /** No record waits for ever, and no drain is owed twice. */
    @Validate
    public void noWakeIsLost() {
      if (owed > 1) {
        throw new IllegalStateException(owed + " drains are owed");
      }
      if (owed == 0 && ring.isReady()) {
        throw new IllegalStateException("a record waits, and no drain is owed");
      }
    }
  }

  /** A port without a native half: what threads leave for its loop, and its drains. */
  public static class Inbox {

    private final HandLoop loop = new HandLoop();
    private final Port port = Port.refusing(RaceGround.RUNTIME, loop);

    private volatile int submitted;
    private volatile int stepped;

    /** Idle. */
    public Inbox() {}

    /** A thread leaves the loop something to do. */
    @Operation
    public void submit() {
      synchronized (this) {
        submitted++;
      }
      port.submit(
          new LoopStep() {
            @Override
            void step() {
              stepped++;
            }
          });
    }

    /** The loop runs what is queued. */
    @Operation(nonParallelGroup = "loop")
    public void run() {
      loop.run();
    }

    /** Each step ran once, or a drain is queued. */
    @Validate
    public void noStepIsLost() {
      if (loop.queued() > 1) {
        throw new IllegalStateException(loop.queued() + " drains are queued");
      }
      if (stepped > submitted || loop.queued() == 0 && stepped != submitted) {
        throw new IllegalStateException("submitted " + submitted + ", stepped " + stepped);
      }
    }
  }
}
