package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What one port's loop tells Rust of the invocations of its handlers: by the submission ring, or in
 * the direct record where a loop-driven future waits for it on this very thread. Owner loop only.
 */
final class Answers {

  private final Port port;
  private final ArgumentWriter writer;
  private final LocalCalls locals;
  private final ByteBuffer memory;

  Answers(Port port, ArgumentWriter writer, LocalCalls locals, ByteBuffer memory) {
    this.port = port;
    this.writer = writer;
    this.locals = locals;
    this.memory = memory;
  }

  void value(long invocation, ValueType type, Object value) {
    answer(invocation, RecordLayout.ANSWER_VALUE, List.of(type), new Object[] {value});
  }

  void error(long invocation, List<ValueType> types, Object[] told) {
    answer(invocation, RecordLayout.ANSWER_ERROR, types, told);
  }

  void panic(long invocation, List<ValueType> types, Object[] told) {
    answer(invocation, RecordLayout.ANSWER_PANIC, types, told);
  }

  private void answer(long invocation, int how, List<ValueType> types, Object[] values) {
    boolean now = locals.answersNow(invocation);
    if (!now && !port.isRead()) {
      return; // nobody waits for it
    }
    int record = now ? RecordLayout.DIRECT : port.submitter().claim();
    writer.writeAnswer(how, types, values, memory, record, port.handle());
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    if (now) {
      locals.answered();
    } else {
      port.submitter().add();
    }
  }

  /**
   * Hands a call over: its result is the answer. The record is the invocation's own, and there is
   * no slot, since Rust will tell nothing of the call; throws a typed exception, with nothing left
   * behind, if it cannot be accepted.
   */
  void relay(long invocation, ValueType type, Signature signature, Object[] arguments) {
    if (!signature.result.isSame(type) || type.kind == ValueType.Kind.REF) {
      throw new SignatureMismatchException(
          "a handler handed over a call that returns "
              + signature.result.javaNames()
              + ", expected "
              + type.javaNames()
              + (type.kind == ValueType.Kind.REF ? " as a value" : "")
              + ": "
              + signature);
    }
    int units = Admission.unitsOf(arguments);
    if (units > 0) {
      port.admission().requireRoomFor(0, units);
    }
    if (!port.isRead()) {
      return;
    }
    int record = port.submitter().claim();
    writer.writeRelay(signature, arguments, memory, record, port.handle());
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    port.submitter().add();
  }

  /** Rust may use the invocation's records again. */
  void acknowledge(long invocation) {
    if (!port.isRead()) {
      return;
    }
    int record = port.submitter().claim();
    RecordLayout.word(memory, record, RecordLayout.ACKNOWLEDGE);
    RecordLayout.word(memory, record + RecordLayout.ANSWER_INVOCATION, invocation);
    port.submitter().add();
  }
}
