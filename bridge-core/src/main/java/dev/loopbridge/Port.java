package dev.loopbridge;

import dev.loopbridge.PortLife.Order;
import org.jspecify.annotations.Nullable;

/**
 * One owner loop bound to one runtime: two rings, a wake word and the table of pending calls. The
 * port makes the parts, which do the work, and the rest of the bridge uses them through it.
 *
 * <pre>
 * part          what it does                                        thread
 * PortState     the rings, tables and counts that the parts share    any, or the loop
 * PortLife      what has become of it, and each event in each state  any
 * Starter       starts and cancels calls                            owner loop
 * Admission     refuses calls beyond the limit                      owner loop
 * Submitter     adds records, rings the doorbell once a turn        owner loop
 * DrainOffers   brings drains onto the loop                         any
 * LoopSteps     runs the steps of calls, answers and objects        any
 * Drain         reads the records of Rust and steps of other threads owner loop
 * PortEnd       settles the last calls, closes the native half      owner loop
 * NativeHalf    the downcalls                                       any
 * </pre>
 *
 * <p>"Rule 3" in a comment is rule 3 of the protocol, which is under "Rules" in {@code
 * native-executor/crates/executor/src/lib.rs}. {@link PendingCalls} shows the life of one call.
 *
 * <p>The threads that may use each part:
 *
 * <ol>
 *   <li>A part marked "owner loop only" is used by tasks of the loop. When the loop has run its
 *       last task, the right passes to the thread that enters {@link Drain#drainOrphaned}, one at a
 *       time.
 *   <li>Any thread may put a step into the inbox and move the wake word. The thread that moves it
 *       to SCHEDULED brings one drain ({@link DrainOffers}, rule 3).
 *   <li>A step that may fail for want of stack or memory is taken before the call is decided, since
 *       between the decision and its delivery a failure would lose the outcome ({@link StackRoom},
 *       {@link Submitter#claim}). A step that fails all the same is left to a later turn, which
 *       finds it in a field.
 *   <li>A slot's callback is taken out of the table before it is called (rule 1), and a slot is
 *       freed only by Rust's last record about it.
 * </ol>
 */
final class Port extends PortUpcalls {

  final PortState state;

  // Any thread.
  final DrainOffers offers;
  final LoopSteps steps;
  private final Runnable drainTask = this::drainTurn;

  // Owner loop only.
  final Handlers handlers;
  final PendingCalls calls;
  final LocalCalls locals;
  final Submitter submitter;
  final Starter starter;
  final Admission admission;
  private final PortEnd end;
  private final Drain drain;

  private Port(PortState state, @Nullable Throwable refusal) {
    this.state = state;
    admission = new Admission(state);
    offers = new DrainOffers(state, drainTask, this::drainOrphaned);
    steps = new LoopSteps(state, offers);
    submitter = new Submitter(state, offers, this::drainAfterFlush);
    PortConfig config = state.config;
    ArgumentWriter writer = new ArgumentWriter(config, state.objects, state.cells);
    calls = new PendingCalls(state, writer, newResult(), this::releaseWhenUnused);
    DirectAnswer direct = new DirectAnswer(state.memory);
    locals = new LocalCalls(state, calls, offers, direct, this::newResult);
    handlers = new Handlers(state, steps, new Answers(state, writer, direct, submitter, admission));
    starter = new Starter(state, admission, calls, locals, submitter, refusal);
    end = new PortEnd(state, offers, calls, handlers, locals, starter);
    drain = new Drain(state, offers, steps, submitter, calls, handlers, locals, end, newResult());
    if (!state.life.isRefusing()) {
      state.open(this);
    }
  }

  private NativeResult newResult() {
    return new NativeResult(state, steps);
  }

  private void releaseWhenUnused() {
    end.releaseWhenUnused();
  }

  private void drainTurn() {
    drain.drain(true);
  }

  private void drainAfterFlush() {
    drain.drain(false);
  }

  private void drainOrphaned() {
    drain.drainOrphaned();
  }

  /** Opens both halves of a port. */
  static Port open(PortConfig config, RuntimeSide runtime, OwnerLoop loop) {
    int places = Admission.placesFor(config.maxInFlight());
    return new Port(new PortState(config, runtime, loop, PortLife.open(), places), null);
  }

  /**
   * Makes a port without a native half, since it could not be opened: each call fails on its loop
   * with {@code refusal}, or with {@link RuntimeClosedException} if that is null.
   */
  static Port refusing(
      PortConfig config, RuntimeSide runtime, OwnerLoop loop, @Nullable Throwable refusal) {
    return new Port(new PortState(config, runtime, loop, PortLife.refusing(), 1), refusal);
  }

  /** Follows the loop to its end; see {@link DrainOffers#watchLoop}. */
  void watchLoop() {
    offers.watchLoop();
  }

  /**
   * Gives up a port whose loop cannot be followed; calls that others have started are cancelled.
   */
  void discard() {
    if (state.life.discard() == Order.CLOSE) {
      state.nativeHalf.close();
    }
  }

  /** The loop that owns this port. */
  OwnerLoop loop() {
    return state.loop;
  }

  /** The runtime it is bound to. */
  RuntimeSide runtime() {
    return state.runtime;
  }

  /** Returns whether a task of the loop is a drain of this port. */
  boolean isDrain(Runnable task) {
    return task == drainTask || task == submitter.flushAndDrainTask();
  }

  boolean inLoop() {
    return state.loop.inLoop();
  }

  void requireLoop() {
    if (!inLoop()) {
      throw new WrongLoopException(
          "a port is used on its own loop only: this one is owned by "
              + state.loop
              + ", the caller is on thread "
              + Thread.currentThread().getName());
    }
  }

  // Starting and cancelling: owner loop only.

  /** See {@link Starter#start}. */
  long start(Signature signature, @Nullable Object[] arguments, Object callback) {
    return starter.start(signature, arguments, callback);
  }

  /**
   * Cancels a call started with a {@link RawCallback}: its Rust future is dropped within one poll,
   * and the callback is not called any more. Owner loop only.
   *
   * @return whether this ended the call; false if it had settled, was cancelled before, or the
   *     ticket is none of this port's
   * @throws WrongLoopException off the port's loop
   */
  boolean cancel(long ticket) {
    requireLoop();
    StackRoom.require();
    return starter.cancel(ticket);
  }

  // Rust's upcalls.

  @Override
  void wake() {
    offers.wake();
  }

  @Override
  boolean ask() {
    return locals.ask(handlers);
  }

  /** Settles the calls that are left on the loop, since the JVM shuts down. */
  void endOnShutdown() {
    offers.offer();
  }

  @Override
  public String toString() {
    return state.toString();
  }
}
