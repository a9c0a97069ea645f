package dev.loopbridge;

import dev.loopbridge.PortLife.Order;
import java.nio.ByteBuffer;

/**
 * One owner loop bound to one runtime: two rings, a wake word and the table of pending calls. The
 * port makes the parts, which do the work, and the rest of the bridge uses them through it.
 *
 * <pre>
 * part          what it does                                        thread
 * PortLife      the state of the port, and each event in each state any
 * Starter       starts and cancels calls                            owner loop
 * Admission     refuses calls beyond the limit                      owner loop
 * Submitter     adds records, rings the doorbell once a turn        owner loop
 * DrainOffers   brings drains onto the loop                         any
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
final class Port {

  /**
   * The rings of all ports without a native half. Nothing is ever in them, and each step of such a
   * port offers a drain of its own, whatever the wake word is.
   */
  private static final ByteBuffer NO_RINGS = RecordLayout.allocate(2, 2);

  private final NativeRuntime runtime;
  private final OwnerLoop loop;

  // Any thread.
  final PortLife life;
  final PortLog log;
  final NativeHalf nativeHalf;
  final ByteBuffer memory;
  final CompletionRing completions;
  final Inbox inbox = new Inbox();
  final PortCounters counters = new PortCounters();
  final DrainWatch drainWatch = new DrainWatch();
  final DrainOffers offers;
  private final Runnable drainTask = this::drainTurn;

  // Owner loop only.
  final SubmissionRing submissions;
  final SlotTable slots;
  final ObjectTable objects;
  final Handlers handlers;
  final PendingCalls calls;
  final LocalCalls locals;
  final Submitter submitter;
  final Starter starter;
  final Admission admission;
  private final Answers answers;
  private final PortEnd end;
  private final Drain drain;

  private Port(
      NativeRuntime runtime, OwnerLoop loop, int maxInFlight, PortLife life, Throwable refusal) {
    this.runtime = runtime;
    this.loop = loop;
    this.life = life;
    log = new PortLog(loop);
    nativeHalf = new NativeHalf(runtime.library());
    int places = life.isRefusing() ? 1 : Admission.placesFor(maxInFlight);
    int capacity = 2 * places;
    RingMemory rings =
        life.isRefusing()
            ? new RingMemory(NO_RINGS, 0)
            : RingMemory.map(runtime.library(), maxInFlight, capacity);
    memory = rings.words();
    submissions = new SubmissionRing(memory, capacity);
    completions = new CompletionRing(memory, capacity, capacity);
    slots = new SlotTable(maxInFlight);
    objects = new ObjectTable(loop, counters);
    admission = new Admission(loop, maxInFlight, places, slots, objects, submissions);
    offers =
        new DrainOffers(
            runtime,
            loop,
            life,
            nativeHalf,
            completions,
            inbox,
            counters,
            drainWatch,
            log,
            drainTask,
            this::drainOrphaned);
    submitter =
        new Submitter(
            loop,
            life,
            nativeHalf,
            submissions,
            counters,
            drainWatch,
            offers,
            log,
            this::drainAfterFlush);
    handlers = new Handlers(this, counters, objects);
    ArgumentWriter writer =
        new ArgumentWriter(runtime.library(), runtime.maxPayloadBytes(), objects);
    calls = new PendingCalls(this, slots, writer, memory);
    locals = new LocalCalls(this, calls, slots, memory);
    answers = new Answers(this, writer, locals, memory);
    starter = new Starter(this, refusal);
    end = new PortEnd(this);
    drain = new Drain(this, end);
    if (!life.isRefusing()) {
      nativeHalf.open(runtime, this, rings, capacity);
    }
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
  static Port open(NativeRuntime runtime, OwnerLoop loop) {
    return new Port(runtime, loop, runtime.maxInFlight(), PortLife.open(), null);
  }

  /**
   * Makes a port without a native half, since it could not be opened: each call fails on its loop
   * with {@code refusal}.
   */
  static Port refusing(NativeRuntime runtime, OwnerLoop loop, Throwable refusal) {
    return new Port(runtime, loop, 1, PortLife.refusing(), refusal);
  }

  /** The same for a closed runtime: each call fails with {@link RuntimeClosedException}. */
  static Port refusing(NativeRuntime runtime, OwnerLoop loop) {
    return refusing(runtime, loop, null);
  }

  /** Follows the loop to its end; see {@link DrainOffers#watchLoop}. */
  void watchLoop() {
    offers.watchLoop();
  }

  /**
   * Gives up a port whose loop cannot be followed; calls that others have started are cancelled.
   */
  void discard() {
    if (life.discard() == Order.CLOSE) {
      nativeHalf.close();
    }
  }

  /** The loop that owns this port. */
  OwnerLoop loop() {
    return loop;
  }

  /** The runtime it is bound to. */
  NativeRuntime runtime() {
    return runtime;
  }

  int library() {
    return runtime.library();
  }

  long handle() {
    return nativeHalf.handle();
  }

  /** Adds the counts of this port to {@code sums}, by the numbers of {@link PortCounters}. */
  void addCounts(long[] sums) {
    counters.addTo(sums);
    // Plain fields of the loop's, so that a call need not store the same numbers once more.
    sums[PortCounters.SUBMITTED] += submissions.published();
    sums[PortCounters.COMPLETED] += completions.consumed();
    sums[PortCounters.LIVE] += slots.used();
    sums[PortCounters.LENDING] += slots.lending();
  }

  DrainWatch drainWatch() {
    return drainWatch;
  }

  /** Returns whether a task of the loop is a drain of this port. */
  boolean isDrain(Runnable task) {
    return task == drainTask || task == submitter.flushAndDrainTask();
  }

  boolean inLoop() {
    return loop.inLoop();
  }

  void requireLoop() {
    if (!loop.inLoop()) {
      throw new WrongLoopException(
          "a port is used on its own loop only: this one is owned by "
              + loop
              + ", the caller is on thread "
              + Thread.currentThread().getName());
    }
  }

  // Starting and cancelling: owner loop only.

  /**
   * Submits a call; throws a typed exception, with nothing left behind, if it cannot be accepted.
   *
   * @param signature of a function of this port's runtime
   * @param callback a {@link Completion} or a {@link RawCallback}
   * @return the ticket by which it can be cancelled
   */
  long start(Signature signature, Object[] arguments, Object callback) {
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

  /** Cancels the call, which was given the slot, unless its outcome was read. */
  void cancelOwned(int slot, Completion call) {
    starter.cancelOwned(slot, call);
  }

  // For its calls and handlers: owner loop only, or the thread in drainOrphaned.

  Handlers handlers() {
    return handlers;
  }

  Answers answers() {
    return answers;
  }

  Admission admission() {
    return admission;
  }

  Submitter submitter() {
    return submitter;
  }

  /** Returns whether the dispatcher still reads the records of this loop. */
  boolean isRead() {
    return life.isRead();
  }

  /** Leaves a step to a turn of its own. */
  void stepLater(LoopStep step) {
    drain.stepLater(step);
  }

  /** Makes sure that a drain will come; see {@link DrainOffers#catchUpLater}. */
  void catchUpLater() {
    offers.catchUpLater();
  }

  /** Ends a port that is to end if the slot that was freed was its last in use. */
  void slotFreed() {
    end.slotFreed();
  }

  /** Drops an object of Rust's that lives on this loop. */
  void releaseLocal(int slot, int generation) {
    if (life.isOpen()) {
      locals.release(slot, generation);
    }
  }

  // Any thread.

  /** Runs a step on the loop: at once if the caller is there. */
  void run(LoopStep step) {
    if (loop.inLoop()) {
      step.step();
    } else {
      offers.submit(step);
    }
  }

  /** Leaves a step to a drain, wherever the caller is. */
  void submit(LoopStep step) {
    offers.submit(step);
  }

  /** The upcall of a worker that moved the wake word to SCHEDULED: one for a burst of records. */
  void wake() {
    offers.wake();
  }

  /**
   * The upcall of a loop-driven future that invokes a handler of this loop's. Owner loop only.
   *
   * @return whether the direct record holds the answer
   */
  boolean ask() {
    return locals.ask(handlers);
  }

  /** Settles the calls that are left on the loop, since the JVM shuts down. */
  void endOnShutdown() {
    offers.offer();
  }

  /** Logs what a callback has thrown; it must not end the drain that runs the callback. */
  void callbackThrew(Throwable e) {
    log.callbackThrew(e);
  }

  OwnerGoneException ownerGone() {
    return end.ownerGone();
  }

  /** Gives a payload back to Rust. */
  void releasePayload(long ticket) {
    nativeHalf.releasePayload(ticket);
  }

  /** Returns whether the loop may have futures to poll. */
  boolean isDriving() {
    return life.isDriving();
  }

  /** Returns whether the dispatcher has nothing to do and waits for the doorbell. */
  boolean isDispatcherParked() {
    return submissions.isDispatcherParked();
  }

  @Override
  public String toString() {
    return "Port(" + loop + ")";
  }
}
