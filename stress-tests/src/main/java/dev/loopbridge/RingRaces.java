package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The rings and their two words: Java's half against a stand-in for Rust's half that follows {@code
 * ring.rs}, {@code wake.rs} and {@code doorbell.rs}.
 */
public final class RingRaces {

  private static final int CAPACITY = 2;
  private static final int COMPLETIONS = RecordLayout.RINGS + RecordLayout.RECORD_BYTES * CAPACITY;
  private static final long FIRST = 0x1111_1111_1111_1111L;
  private static final long SECOND = 0x2222_2222_2222_2222L;

  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private RingRaces() {}

  /**
   * Memory that the samples use in turn: many more blocks than samples run at once. An allocation
   * for each sample would take longer than the race.
   */
  private static final class Memory {

    private static final int PIECES = 1 << 13;
    private static final int BYTES = RecordLayout.RINGS + 4 * CAPACITY * RecordLayout.RECORD_BYTES;
    private static final ByteBuffer ALL =
        ByteBuffer.allocateDirect(PIECES * BYTES + RecordLayout.LINE_BYTES)
            .alignedSlice(RecordLayout.LINE_BYTES);
    private static final AtomicInteger NEXT = new AtomicInteger();

    static ByteBuffer next() {
      int piece = NEXT.getAndIncrement() & (PIECES - 1);
      ByteBuffer memory = ALL.slice(piece * BYTES, BYTES).order(ByteOrder.nativeOrder());
      for (int at = 0; at < BYTES; at += Long.BYTES) {
        memory.putLong(at, 0);
      }
      return memory;
    }
  }

  /** Publishes one completion as a worker does. */
  private static void publish(ByteBuffer memory, long index, long payload) {
    int record = COMPLETIONS + (int) index * RecordLayout.RECORD_BYTES;
    memory.putLong(record + RecordLayout.COMPLETION_PAYLOAD, payload);
    memory.putLong(record + RecordLayout.COMPLETION_PAYLOAD + Long.BYTES, payload);
    RecordLayout.wordRelease(memory, record, index + 1);
  }

  /** The drain reads a record while a worker writes it. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not ready yet")
  @Outcome(id = FIRST + ", " + FIRST, expect = Expect.ACCEPTABLE, desc = "the whole record")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the sequence is seen before the payload: a drain settles a call with garbage")
  @State
  public static class CompletionSeenWhole {

    private final ByteBuffer memory = Memory.next();
    private final CompletionRing ring = new CompletionRing(memory, CAPACITY, CAPACITY);

    @Actor
    public void worker() {
      publish(memory, 0, FIRST);
    }

    @Actor
    public void drain(JJ_Result r) {
      if (ring.isReady()) {
        int payload = ring.offset() + RecordLayout.COMPLETION_PAYLOAD;
        r.r2 = RecordLayout.word(memory, payload + Long.BYTES);
        r.r1 = RecordLayout.word(memory, payload);
      }
    }
  }

  /** One producer writes two records. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "none yet")
  @Outcome(id = FIRST + ", 0", expect = Expect.ACCEPTABLE, desc = "the first")
  @Outcome(id = FIRST + ", " + SECOND, expect = Expect.ACCEPTABLE, desc = "both, in order")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the second is ready although the first is not")
  @State
  public static class CompletionsInOrder {

    private final ByteBuffer memory = Memory.next();
    private final CompletionRing ring = new CompletionRing(memory, CAPACITY, CAPACITY);

    @Actor
    public void worker() {
      publish(memory, 0, FIRST);
      publish(memory, 1, SECOND);
    }

    @Actor
    public void drain(JJ_Result r) {
      boolean second = ring.isReady(1);
      if (ring.isReady()) {
        r.r1 = RecordLayout.word(memory, ring.offset() + RecordLayout.COMPLETION_PAYLOAD);
        ring.advance();
      }
      if (second) {
        r.r2 = RecordLayout.word(memory, ring.offset() + RecordLayout.COMPLETION_PAYLOAD);
      }
    }
  }

  /** The dispatcher reads a call while the loop writes it. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not published yet")
  @Outcome(id = FIRST + ", " + SECOND, expect = Expect.ACCEPTABLE, desc = "the whole record")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the tail is seen before the record: Rust runs a call with garbage arguments")
  @State
  public static class SubmissionSeenWhole {

    private final ByteBuffer memory = Memory.next();
    private final SubmissionRing ring = new SubmissionRing(memory, CAPACITY);

    @Actor
    public void loop() {
      int record = ring.claim();
      RecordLayout.word(memory, record + RecordLayout.SUBMISSION_SLOT, FIRST);
      RecordLayout.word(memory, record + RecordLayout.SUBMISSION_ARGUMENTS, SECOND);
      ring.add();
      ring.publish();
    }

    @Actor
    public void dispatcher(JJ_Result r) {
      if (RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_TAIL) == 1) {
        int record = RecordLayout.RINGS;
        r.r2 = memory.getLong(record + RecordLayout.SUBMISSION_ARGUMENTS);
        r.r1 = memory.getLong(record + RecordLayout.SUBMISSION_SLOT);
      }
    }
  }

  /** A worker publishes, by a read-modify-write of the wake word, while a drain goes idle. */
  @JCStressTest
  @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the worker wakes the loop")
  @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the drain looks again and sees")
  @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both: one looks in vain")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the worker finds SCHEDULED set, the drain finds the ring empty: a lost wake")
  @State
  public static class WakeOrIdle {

    private final ByteBuffer memory = Memory.next();
    private final CompletionRing ring = new CompletionRing(memory, CAPACITY, CAPACITY);

    {
      ring.schedule();
    }

    @Actor
    public void worker(ZZ_Result r) {
      publish(memory, 0, FIRST);
      r.r1 = ring.schedule();
    }

    @Actor
    public void drain(ZZ_Result r) {
      ring.idle();
      r.r2 = ring.isReady();
    }
  }

  /** A worker publishes and, as Rust's does, only looks at the word behind a fence. */
  @JCStressTest
  @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the worker wakes the loop")
  @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the drain looks again and sees")
  @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both: one looks in vain")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the worker looks before its record is out, the drain looks before it is idle")
  @State
  public static class LookOrIdle {

    private final ByteBuffer memory = Memory.next();
    private final CompletionRing ring = new CompletionRing(memory, CAPACITY, CAPACITY);

    {
      ring.schedule();
    }

    @Actor
    public void worker(ZZ_Result r) {
      publish(memory, 0, FIRST);
      VarHandle.fullFence();
      long seen = (long) WORD.getOpaque(memory, RecordLayout.WAKE);
      r.r1 = (seen & RecordLayout.WAKE_SCHEDULED) == 0 && ring.schedule();
    }

    @Actor
    public void drain(ZZ_Result r) {
      ring.idle();
      r.r2 = ring.isReady();
    }
  }

  /** Two threads find the loop idle. */
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true"},
      expect = Expect.ACCEPTABLE,
      desc = "one of the threads makes the drain")
  @Outcome(expect = Expect.FORBIDDEN, desc = "two drains at once, or none")
  @State
  public static class WakeOrWake {

    private final CompletionRing ring = new CompletionRing(Memory.next(), CAPACITY, CAPACITY);

    @Actor
    public void one(ZZ_Result r) {
      r.r1 = ring.schedule();
    }

    @Actor
    public void other(ZZ_Result r) {
      r.r2 = ring.schedule();
    }
  }

  /** The loop submits while the dispatcher parks. */
  @JCStressTest
  @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the loop wakes the dispatcher")
  @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the dispatcher does not park")
  @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both: one of them in vain")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the loop sees no parked dispatcher, which sees no record and parks: the call waits")
  @State
  public static class SubmitOrPark {

    private final ByteBuffer memory = Memory.next();
    private final SubmissionRing ring = new SubmissionRing(memory, CAPACITY);

    private boolean rang;

    @Actor
    public void loop() {
      RecordLayout.word(memory, ring.claim(), FIRST);
      ring.add();
      rang = ring.ring();
    }

    @Actor
    public void dispatcher(ZZ_Result r) {
      RecordLayout.wordOr(memory, RecordLayout.DOORBELL, RecordLayout.DOORBELL_PARKED);
      r.r2 = RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_TAIL) != 0;
    }

    @Arbiter
    public void look(ZZ_Result r) {
      r.r1 = rang;
    }
  }
}
