package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Sends Rust the answers to the invocations of one port's handlers. An answer goes into the
 * submission ring, or into the direct record if a loop-driven future waits for it on this very
 * thread. Owner loop only.
 */
final class Answers {

  private final PortLife life;
  private final NativeHalf nativeHalf;
  private final ByteBuffer memory;
  private final ArgumentWriter writer;
  private final LocalCalls locals;
  private final Submitter submitter;
  private final Admission admission;

  Answers(
      PortState port,
      ArgumentWriter writer,
      LocalCalls locals,
      Submitter submitter,
      Admission admission) {
    this.writer = writer;
    this.locals = locals;
    this.submitter = submitter;
    this.admission = admission;
    life = port.life;
    nativeHalf = port.nativeHalf;
    memory = port.memory;
  }

  void value(long invocation, ValueType type, Object value) {
    answer(invocation, RecordLayout.ANSWER_VALUE, List.of(type), new Object[] {value});
  }

  void error(long invocation, List<ValueType> types, Object[] values) {
    answer(invocation, RecordLayout.ANSWER_ERROR, types, values);
  }

  void panic(long invocation, List<ValueType> types, Object[] values) {
    answer(invocation, RecordLayout.ANSWER_PANIC, types, values);
  }

  private void answer(long invocation, int how, List<ValueType> types, Object[] values) {
    boolean now = locals.answersNow(invocation);
    if (!now && !life.isRead()) {
      return; // Rust has ended and waits for no answer
    }
    int record = now ? RecordLayout.DIRECT : submitter.claim();
    writer.writeAnswer(how, types, values, memory, record, nativeHalf.handle());
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    if (now) {
      locals.answered();
    } else {
      submitter.add();
    }
  }

  /**
   * Answers with a call, whose result Rust uses as the answer. The call takes the record of the
   * invocation and no slot, since Rust publishes no outcome of it. If the call cannot be accepted,
   * this throws a typed exception and leaves nothing behind.
   */
  void relay(long invocation, ValueType type, Signature signature, Object[] arguments) {
    if (!signature.result.isSame(type) || type.kind == ValueType.Kind.REF) {
      throw new SignatureMismatchException(
          "a handler handed over a call that returns "
              + JavaTypes.namesOf(signature.result)
              + ", expected "
              + JavaTypes.namesOf(type)
              + (type.kind == ValueType.Kind.REF ? " as a value" : "")
              + ": "
              + signature);
    }
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
}
