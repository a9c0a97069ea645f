package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends Rust the answers to the invocations of one port's handlers. An answer goes into the
 * submission ring, or into the direct record if a loop-driven future waits for it on this very
 * thread. Owner loop only.
 */
final class Answers {

  /** The types of an error: slot, generation, class, message and stack. */
  private static final List<ValueType> ERROR =
      List.of(
          ValueType.parse("i32"),
          ValueType.parse("i32"),
          ValueType.parse("string"),
          ValueType.parse("string"),
          ValueType.parse("string"));

  /** The types of a panic: its ticket, then the error. */
  private static final List<ValueType> PANIC =
      Stream.concat(Stream.of(ValueType.parse("i64")), ERROR.stream()).toList();

  private static final int NO_SLOT = -1;
  private static final Integer NOT_KEPT = 0;

  /** The answer for an error that there is no memory to describe; it needs no allocation. */
  private static final Object[] WITHOUT_TEXT = {NO_SLOT, NOT_KEPT, "java.lang.Throwable", "", ""};

  private final PortConfig config;
  private final PortLife life;
  private final NativeHalf nativeHalf;
  private final ByteBuffer memory;
  private final ObjectTable objects;
  private final ArgumentWriter writer;
  private final DirectAnswer direct;
  private final Submitter submitter;
  private final Admission admission;

  Answers(
      PortState port,
      ArgumentWriter writer,
      DirectAnswer direct,
      Submitter submitter,
      Admission admission) {
    this.writer = writer;
    this.direct = direct;
    this.submitter = submitter;
    this.admission = admission;
    config = port.config;
    life = port.life;
    nativeHalf = port.nativeHalf;
    memory = port.memory;
    objects = port.objects;
  }

  /** Answers with a value of this type. */
  void value(long invocation, ValueType type, @Nullable Object value) {
    answer(invocation, RecordLayout.ANSWER_VALUE, List.of(type), new @Nullable Object[] {value});
  }

  private void answer(long invocation, int how, List<ValueType> types, @Nullable Object[] values) {
    boolean now = direct.isExpected(invocation);
    if (!now && !life.isRead()) {
      return; // Rust has ended and waits for no answer
    }
    int record = now ? RecordLayout.DIRECT : submitter.claim();
    writer.writeAnswer(how, types, values, memory, record, nativeHalf.handle());
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    if (now) {
      direct.keep();
    } else {
      submitter.add();
    }
  }

  /**
   * Answers with a call, whose result Rust uses as the answer. The call takes the record of the
   * invocation and no slot, since Rust publishes no outcome of it. If the call cannot be accepted,
   * this throws a typed exception and leaves nothing behind.
   */
  void relay(long invocation, Signature signature, @Nullable Object[] arguments) {
    int units = Admission.unitsOf(arguments);
    if (units > 0) {
      admission.requireRoomFor(0, units);
    }
    if (!life.isRead()) {
      return;
    }
    int record = submitter.claim();
    writer.writeRelay(signature, arguments, memory, record, nativeHalf.handle());
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    submitter.add();
  }

  /** Acknowledges that an invocation was given up, so that Rust may use its records again. */
  void acknowledge(long invocation) {
    if (!life.isRead()) {
      return;
    }
    int record = submitter.claim();
    RecordLayout.word(memory, record, RecordLayout.ACKNOWLEDGE);
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    submitter.add();
  }

  /**
   * Answers with an error. A panic of this runtime's goes on as itself; any other exception is held
   * if there is room, so that Rust can return the same object.
   */
  void error(long invocation, Throwable error) {
    int slot = keep(error);
    Integer generation = slot == NO_SLOT ? NOT_KEPT : Integer.valueOf(objects.generation(slot));
    try {
      String type = error.getClass().getName();
      String message = ErrorText.message(error);
      String stack = ErrorText.stack(error);
      long panic =
          error instanceof NativePanicError it
              ? it.ticketIn(config.library(), config.runtime())
              : 0;
      if (panic != 0) {
        Object[] values = {panic, slot, generation, type, message, stack};
        answer(invocation, RecordLayout.ANSWER_PANIC, PANIC, values);
      } else {
        error(invocation, new Object[] {slot, generation, type, message, stack});
      }
    } catch (Throwable e) {
      errorWithoutText(invocation, slot, generation);
    }
  }

  /**
   * Answers with an error whose texts could not be made or sent. It keeps its identity if there is
   * memory for that.
   */
  private void errorWithoutText(long invocation, int slot, Integer generation) {
    try {
      error(invocation, new Object[] {slot, generation, "java.lang.Throwable", "", ""});
    } catch (OutOfMemoryError e) {
      if (slot != NO_SLOT) {
        objects.drop(slot, generation);
      }
      errorWithoutText(invocation);
    }
  }

  /** Answers with an error of no text. Its values exist and fit the record: it needs no memory. */
  void errorWithoutText(long invocation) {
    error(invocation, WITHOUT_TEXT);
  }

  private void error(long invocation, Object[] values) {
    answer(invocation, RecordLayout.ANSWER_ERROR, ERROR, values);
  }

  /** Holds an exception, so that Rust can return it; without room, Rust gets its text alone. */
  private int keep(Throwable error) {
    try {
      return admission.mayHold(1) ? objects.hold(error, 1) : NO_SLOT;
    } catch (Throwable e) {
      return NO_SLOT;
    }
  }
}
