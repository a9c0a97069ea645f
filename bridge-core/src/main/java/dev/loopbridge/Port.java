package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One owner loop bound to one runtime: two rings, a wake word and the table of pending calls.
 *
 * <p>Who may touch what:
 *
 * <ol>
 *   <li>Everything under "owner loop only" is touched by tasks of the loop. When the loop has run
 *       its last task, the right passes to whoever enters {@link #drainOrphaned()}, one at a time.
 *   <li>Any thread may put a handle into the inbox and move the wake word; whoever moves it to
 *       SCHEDULED owes one drain and puts it on the loop, a worker by the upcall {@link #wake()}, a
 *       Java thread by {@link #submit}. One drain too many finds nothing: whoever failed somewhere
 *       between a push and the loop offers one.
 *   <li>What may fail for want of stack or memory comes before the decision that it would part from
 *       its delivery: {@link StackRoom}, the turn of {@link #claim}. What fails all the same is
 *       left to a later turn, which finds it in a field.
 *   <li>A slot's callback is taken out of the table before it is called, and a slot is freed only
 *       by Rust's last word about it.
 * </ol>
 */
public final class Port {

  private static final Logger LOG = System.getLogger(Port.class.getName());

  /** So many outcomes, then as many calls started elsewhere: neither waits for all of the other. */
  private static final int BATCH = 64;

  /**
   * A loop that looks for outcomes lets this share of those in flight gather first, but not for
   * longer.
   */
  private static final int GATHERED_SHARE = 8;

  private static final long GATHERING_NANOS = 1_000;

  private static final int RETRY_MILLIS = 5;

  /** So many drains, with pauses between them, find Rust idle before a place is known as lost. */
  private static final int LOOKS = 20;

  /**
   * The rings of all ports without a native half: nothing is ever in them, and each step of such a
   * port offers a drain of its own, whatever the wake word says.
   */
  private static final ByteBuffer NO_RINGS = RecordLayout.allocate(2, 2);

  private final NativeRuntime runtime;
  private final OwnerLoop loop;
  private final ByteBuffer memory;
  private final SubmissionRing submissions;
  private final CompletionRing completions;
  private final Inbox inbox = new Inbox();
  private final PortCounters counters = new PortCounters();
  private final DrainWatch drainWatch = new DrainWatch();
  private final AtomicInteger orphanDrains = new AtomicInteger();
  private final Runnable drainTask = () -> drain(true);
  private final Runnable flushTask = this::flushTurn;
  private final Runnable flushAndDrainTask = this::flushAndDrainTurn;
  private final long handle;
  private final boolean refusing;

  /** Why it refuses; null if only since its runtime is closed. */
  private final Throwable refusal;

  private volatile Runnable withdrawTermination = () -> {};

  private volatile boolean orphaned;

  // Owner loop only.
  private final int maxInFlight;
  private final int places;
  private final SlotTable slots;
  private final Handlers handlers = new Handlers(this, counters);
  private final ArgumentWriter writer;
  private final PendingCalls calls;
  private final LocalCalls locals;
  private final Answers answers;
  private final NativeResult[] results = NativeResult.turns(this);
  private int turn;
  private final Linger linger;
  private boolean draining;
  private boolean flushPending;
  private boolean unflushed;
  private boolean ringing;
  private int looks;

  /** Steps for a later turn, linked as in an inbox. */
  private LoopStep later;

  private boolean abandoned;
  private boolean ended;
  private volatile boolean released; // read on other threads too

  private Port(
      NativeRuntime runtime, OwnerLoop loop, int maxInFlight, boolean refusing, Throwable refusal) {
    this.runtime = runtime;
    this.loop = loop;
    this.refusing = refusing;
    this.refusal = refusal;
    this.places = refusing ? 1 : ceilingPowerOfTwo(Handlers.placesFor(maxInFlight));
    int capacity = 2 * places;
    RingMemory rings =
        refusing
            ? new RingMemory(NO_RINGS, 0)
            : RingMemory.map(runtime.library(), maxInFlight, capacity);
    this.memory = rings.words();
    this.submissions = new SubmissionRing(memory, capacity);
    this.completions = new CompletionRing(memory, capacity, capacity);
    this.maxInFlight = maxInFlight;
    this.slots = new SlotTable(maxInFlight);
    this.writer = new ArgumentWriter(runtime.library(), runtime.maxPayloadBytes(), handlers);
    this.calls = new PendingCalls(this, slots, writer, counters, memory);
    this.locals = new LocalCalls(this, calls, slots, memory);
    this.answers = new Answers(this, writer, locals, memory);
    this.linger = new Linger(runtime.lingerNanos(), runtime.drainBudgetNanos());
    if (refusing) {
      this.handle = 0;
      this.ended = true;
      this.released = true;
    } else {
      this.handle = openNatively(rings.handle(), capacity);
    }
  }

  private long openNatively(long rings, int capacity) {
    try {
      return Native.portOpen(
          library(),
          runtime.handle(),
          this,
          rings,
          capacity,
          capacity,
          maxInFlight,
          runtime.maxPayloadBytes());
    } catch (OutOfMemoryError e) {
      throw RingMemory.refused(maxInFlight, memory.capacity(), e);
    }
  }

  /** Opens both halves of a port. */
  static Port open(NativeRuntime runtime, OwnerLoop loop) {
    return new Port(runtime, loop, runtime.maxInFlight(), false, null);
  }

  /**
   * Follows the loop to its end. Called when the port is in its runtime's map, since that end may
   * have come already.
   */
  void watchLoop() {
    withdrawTermination = loop.onTermination(this::orphan);
    if (released) {
      withdrawTermination.run();
    }
  }

  /** Gives up a port whose loop cannot be followed; what others have started is cancelled. */
  void discard() {
    released = true;
    Native.portClose(library(), handle);
  }

  /**
   * A port that could not be opened: it has no native half, and tells each call on its loop what
   * went wrong.
   */
  static Port refusing(NativeRuntime runtime, OwnerLoop loop, Throwable refusal) {
    return new Port(runtime, loop, 1, true, refusal);
  }

  /** The same of a closed runtime: each call is told that it is closed. */
  static Port refusing(NativeRuntime runtime, OwnerLoop loop) {
    return refusing(runtime, loop, null);
  }

  private static int ceilingPowerOfTwo(int value) {
    return value == 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
  }

  /** The loop that owns this port. */
  public OwnerLoop loop() {
    return loop;
  }

  /** The runtime it is bound to. */
  public NativeRuntime runtime() {
    return runtime;
  }

  int library() {
    return runtime.library();
  }

  long handle() {
    return handle;
  }

  PortCounters counters() {
    return counters;
  }

  DrainWatch drainWatch() {
    return drainWatch;
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

  // Submitting: owner loop only.

  /**
   * Submits a call; throws a typed exception, with nothing left behind, if it cannot be accepted.
   */
  long start(NativeCall<?> call, Object callback) {
    requireOwn(call);
    if (refusal != null) {
      sneak(refusal);
    }
    if (ended || runtime.isClosed()) {
      throw runtime.closedException();
    }
    if (orphaned || released) {
      throw ownerGone();
    }
    if (calls.isBehind()) {
      calls.catchUp();
    }
    Signature signature = call.function.signature;
    int units = signature.fixedKinds != null ? 0 : Handlers.unitsOf(call.arguments);
    requireRoomFor(1, units);
    if (signature.local) {
      return startLocal(call, callback);
    }
    if (isFirstOfTurn()) {
      StackRoom.require(); // for the turn, since without it the call had better not be accepted
    }
    int record = claim();
    int slot = calls.accept(call, callback, record);
    long tail = submissions.tail;
    long ticket = 0;
    try {
      ticket = slots.ticket(slot);
      add();
    } catch (Throwable e) {
      if (submissions.tail == tail) {
        calls.failedStart = slot;
        calls.takeBack();
        throw e;
      } // else it is submitted, and the turn that flushes goes on with it
    }
    return ticket;
  }

  @SuppressWarnings("unchecked") // no cast is made: the type is erased
  static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private long startLocal(NativeCall<?> call, Object callback) {
    if (!loop.hasOneThread()) {
      throw new WrongLoopException(
          call.function.name()
              + " is loop-driven: its Rust future cannot leave the thread it was made on, and "
              + loop
              + " does not say that it has one thread only (OwnerLoop.hasOneThread)");
    }
    locals.recover(); // it needs the direct record
    int slot = calls.accept(call, callback, RecordLayout.DIRECT);
    long ticket;
    int step;
    try {
      ticket = slots.ticket(slot);
      step = locals.start();
    } catch (RuntimeException | Error e) {
      calls.failedStart = slot;
      calls.takeBack();
      if (e instanceof RuntimeException && runtime.isClosed()) {
        throw runtime.closedException();
      }
      throw e;
    }
    try {
      locals.started(slot, step);
    } catch (Throwable e) {
      calls.disowned = slot; // what is thrown here is all that the caller hears
      calls.disown();
      throw e;
    }
    return ticket;
  }

  void requireOwn(NativeCall<?> call) {
    if (call.function.runtime != runtime) {
      throw new WrongRuntimeException(
          call.function.name()
              + " belongs to "
              + call.function.runtime
              + " but was started on a port of "
              + runtime
              + "; look the function up in the runtime it is to run in");
    }
  }

  /**
   * Whether Rust may hold so much more of this loop's. Each unit is room for what Rust may ask by
   * it and what this loop may say to that: an answer, and the acknowledgement that it was given up.
   */
  boolean mayHold(int units) {
    return taken() + units <= places && hasRecordsFor(units);
  }

  private int taken() {
    return slots.used() + handlers.units();
  }

  /** A call takes its record and that of its cancel. */
  private boolean hasRecordsFor(int more) {
    return submissions.hasRoomFor(slots.cancelRights() + 2 * (handlers.units() + more));
  }

  /** Refuses calls beyond the limit, and what they would have Rust hold beyond its own. */
  void requireRoomFor(int calls, int units) {
    if (slots.used() + calls > maxInFlight) {
      throw new TooManyInFlightException(
          slots.used()
              + " calls are in flight on "
              + loop
              + ", the limit is "
              + maxInFlight
              + "; wait for some to settle or raise NativeRuntime.Builder.maxInFlight");
    }
    if (taken() + calls + units > places) {
      throw handlers.tooMany(calls + units, slots.used(), places);
    }
    if (!hasRecordsFor(calls + units)) {
      throw new TooManyInFlightException(
          "Rust has yet to read what "
              + loop
              + " has submitted and cancelled; wait for some calls to settle");
    }
  }

  /**
   * Where the next record goes, when a turn is sure to come that wakes the dispatcher once for all
   * that this one submits. A record may be left unwritten there.
   */
  int claim() {
    if (isFirstOfTurn()) {
      queueFlush();
    }
    return submissions.claim();
  }

  /** Whether no turn is sure to come that flushes; a drain flushes when it ends. */
  private boolean isFirstOfTurn() {
    return !draining && !flushPending && !orphaned;
  }

  /**
   * Adds the record at the ring's claim. With that it is submitted: what fails afterwards is left
   * to the turn that flushes.
   */
  void add() {
    unflushed = true;
    boolean due = submissions.add();
    try {
      if (due) {
        submissions.publish();
      }
      counters.submitted(submissions.published());
      if (due && draining && isDispatcherParked()) {
        ring(); // a long drain would keep it asleep, and then sleep itself while it works
      }
      if (isFirstOfTurn()) {
        flush(); // the loop takes no more tasks, yet this one still runs
      }
    } catch (StackOverflowError | OutOfMemoryError e) {
      if (isFirstOfTurn()) {
        catchUpLater();
      }
    }
  }

  /**
   * Cancels a call started with a {@link RawCallback}: its Rust future is dropped within one poll,
   * and the callback is not called any more. Owner loop only.
   *
   * @return whether this ended the call; false if it had settled, was cancelled before, or the
   *     ticket is none of this port's
   * @throws WrongLoopException off the port's loop
   */
  public boolean cancel(long ticket) {
    requireLoop();
    StackRoom.require();
    int slot = (int) ticket;
    if (!slots.isCurrent(slot, (int) (ticket >>> 32)) || !slots.isLive(slot)) {
      return false;
    }
    boolean pending = slots.callback(slot) != null;
    if (slots.callback(slot) instanceof RawCallback) {
      slots.takeCallback(slot);
    }
    cancelNatively(slot);
    return pending;
  }

  /**
   * Cancels the call that {@code slot} was given to, unless it has its outcome. Owner loop only.
   */
  void cancelOwned(int slot, CallHandle call) {
    if (slots.callback(slot) == call && slots.isLive(slot)) {
      cancelNatively(slot);
    }
  }

  private void cancelNatively(int slot) {
    boolean local = runtime.signature(slots.function(slot)).local;
    if (local) {
      locals.reserve(); // first: a cancel is sent once
    }
    if (!slots.sendCancel(slot)) {
      return;
    }
    if (local) {
      if (!orphaned) {
        locals.cancel(slot); // else its thread's end does it
      }
      return;
    }
    int record = claim();
    RecordLayout.word(memory, record, RecordLayout.CANCEL);
    calls.name(record, slot);
    add();
  }

  // Handlers: owner loop only.

  Handlers handlers() {
    return handlers;
  }

  Answers answers() {
    return answers;
  }

  /** Whether anybody reads what this loop answers. */
  boolean isRead() {
    return !ended && !released;
  }

  private void requested(NativeResult result) {
    switch (result.outcome()) {
      case RecordLayout.INVOKE -> handlers.invoke(result, orphaned ? this::ownerGone : null);
      case RecordLayout.POLL -> locals.poll(result.slot(), result.generation());
      case RecordLayout.WITHDRAW -> handlers.withdraw(result.invocation());
      default -> handlers.drop(result.slot(), result.generation());
    }
  }

  private void queueFlush() {
    // Whatever is answered before the turn ends needs no upcall: it is drained with the flush.
    boolean drains = schedule();
    drainWatch.runs();
    try {
      flushPending = true;
      if (drains) {
        putDrain(flushAndDrainTask);
      } else {
        loop.execute(flushTask);
      }
    } catch (Throwable e) {
      flushPending = false;
      if (drains) {
        offerDrainLater();
      }
    }
  }

  private void flushTurn() {
    flushPending = false;
    flush();
  }

  private void flushAndDrainTurn() {
    flushTurn();
    drain(false);
  }

  /** Whether an answer may be near. */
  private boolean mayLinger() {
    return slots.used() > 0 && !ended && !orphaned && !runtime.isHalting();
  }

  private void flush() {
    if (unflushed) {
      ring();
      unflushed = ringing;
    }
  }

  /** Once the doorbell says that it was rung, nobody else does: what fails is done again. */
  private void ring() {
    if (!released && (submissions.ring() || ringing)) {
      ringing = true;
      unflushed = true;
      counters.doorbell();
      wakeDispatcher();
    }
  }

  private void wakeDispatcher() {
    try {
      Native.portWake(library(), handle);
      ringing = false;
    } catch (InvalidHandleException e) {
      ringing = false;
      throw e; // it would be as invalid the next time
    } catch (RuntimeException | Error e) {
      catchUpLater(); // which flushes again
      log("the dispatcher could not be woken, and will be tried again, for ", e);
    }
  }

  // Waking: any thread.

  /** Hands a started or cancelled call, or an answer, to the loop. */
  void submit(LoopStep step) {
    try {
      inbox.push(step);
      if (schedule()) {
        offerDrain();
      }
    } catch (StackOverflowError e) {
      owe(e); // pushed or not: whoever pushed before may rely on this drain
    }
  }

  /** Leaves a step to a turn of its own. Owner loop only, or what follows it. */
  void stepLater(LoopStep step) {
    if (Inbox.claim(step)) {
      step.next = later == null ? step : later; // the last is its own next
      later = step;
    }
    catchUpLater();
  }

  /**
   * Sees to it that a drain comes that catches up, without a second one beside one that is to come
   * (rule 3). Owner loop only, or what follows it.
   */
  void catchUpLater() {
    if (draining) {
      return; // it looks when it ends
    }
    try {
      if (!orphaned && !schedule()) {
        return;
      }
    } catch (StackOverflowError e) {
      // Rather one drain too many than none.
    }
    offerDrainLater();
  }

  private boolean isBehind() {
    return later != null || calls.isBehind() || handlers.isBehind() || locals.isBehind();
  }

  /** Does what there was no stack or memory for when it was due. */
  private void catchUp() {
    if (calls.isBehind()) {
      calls.catchUp();
    }
    if (handlers.isBehind()) {
      handlers.catchUp();
    }
    if (later != null) {
      stepsLeft();
    }
    if (locals.isBehind() && !orphaned) {
      locals.catchUp();
    }
  }

  private void stepsLeft() {
    LoopStep left = later;
    later = null; // what is left again is for another turn
    while (left != null) {
      LoopStep step = left;
      left = step.next == step ? null : step.next;
      step.next = null;
      try {
        step.step();
      } catch (Throwable e) {
        callbackThrew(e); // and not at the cost of the others
      }
    }
  }

  /**
   * Moves the wake word to SCHEDULED; true if the caller owes a drain. While the JVM goes down each
   * caller does, since a worker that was first cannot; and so does each caller of a port that has
   * no wake word of its own.
   */
  private boolean schedule() {
    return completions.schedule() || refusing || runtime.isHalting();
  }

  /** Moves the wake word to idle; true if nothing more is to come from the native half. */
  private boolean idle() {
    return completions.idle() || runtime.isHalting();
  }

  /** The one upcall: a worker moved the wake word to SCHEDULED. */
  void wake() {
    counters.wake();
    if (orphaned) {
      Sideline.EXECUTOR.execute(this::drainOrphaned); // callbacks, which no worker may run
    } else {
      offerDrain();
    }
  }

  /**
   * The other upcall: a loop-driven future asks for a handler of this loop's. Owner loop only.
   *
   * @return whether the direct record holds the answer
   */
  boolean ask() {
    return locals.ask(handlers);
  }

  private void offerDrain() {
    try {
      if (released) {
        follow();
      }
      if (!orphaned) {
        putDrain(drainTask);
        return;
      }
    } catch (Throwable e) {
      // What a loop throws need not be declared where it was written in another language.
      // Either the loop is ending, then its termination takes over, or its queue is full for now.
      offerDrainLater();
      return;
    }
    drainOrphaned();
  }

  private void putDrain(Runnable task) {
    drainWatch.puts();
    loop.execute(task);
    runtime.loopWatch().drainWaits();
  }

  /** Nobody follows a released port's loop any more, and one that ends may forget what it took. */
  private void follow() {
    try {
      withdrawTermination.run();
      withdrawTermination = loop.onTermination(this::orphan);
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "a loop that cannot be watched may run tasks all the same", e);
    }
  }

  /** Any thread; for whoever could not put a drain on the loop. */
  private void offerDrainLater() {
    try {
      StackRoom.require();
      Sideline.EXECUTOR.schedule(this::offerDrainAgain, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Throwable e) {
      owe(e);
    }
  }

  /**
   * Whoever is to offer a drain and has no memory or stack for it has Rust do it, which needs none.
   */
  private void owe(Throwable failure) {
    if (released || !Native.portRequestWake(library(), handle)) {
      sneak(failure);
    }
  }

  private void offerDrainAgain() {
    if (NettyLoop.hasEnded(loop)) {
      orphan(); // Netty tells of it on a thread that it starts for that, and may not get
    } else {
      offerDrain();
    }
  }

  // Draining: owner loop only.

  /**
   * Handles what waits, then goes idle or lingers.
   *
   * @param woken whether the loop has this turn for it alone
   */
  private void drain(boolean woken) {
    if (orphaned) {
      return;
    }
    drainWatch.begins();
    draining = true;
    try {
      catchUp();
      long start = 0;
      boolean found = false;
      boolean closed;
      boolean more;
      do {
        for (int handled = firstBatch(); handled > 0; handled = nextBatch()) {
          found = true;
          if (handled >= BATCH) {
            long now = System.nanoTime();
            start = start == 0 ? now : start;
            if (now - start > runtime.drainBudgetNanos() && continueLater()) {
              return;
            }
          } else if (linger.isLooking()) {
            break; // to look at the next record while it is written would hold its writer up
          }
        }
        if (lookAgain(woken, found)) {
          return;
        }
        if (released) {
          withdrawTermination.run(); // before another drain may be owed
        }
        closed = idle();
        more = hasMore();
      } while (more && schedule());
      if (isBehind() && schedule()) {
        offerDrainLater();
      }
      // Where more came and another drain is owed for it, that one sees the end too.
      if (closed && !more) {
        end(runtime::closedException);
      }
    } catch (Throwable e) {
      offerDrain(); // SCHEDULED is still set, so that nobody else would
      throw e;
    } finally {
      draining = false;
      flush();
    }
  }

  /**
   * Lingers: leaves the wake word SCHEDULED and the drain queued behind the loop's other tasks, so
   * that an answer that comes soon needs no wake.
   */
  private boolean lookAgain(boolean woken, boolean found) {
    if (found || (woken && !linger.isLooking())) {
      counters.drain();
    }
    if (!mayLinger()) {
      linger.end();
      return false;
    }
    return linger.again(found) && continueLater();
  }

  /** Puts the rest of the drain behind the loop's other tasks. */
  private boolean continueLater() {
    try {
      putDrain(drainTask);
      return true;
    } catch (Throwable e) {
      return false;
    }
  }

  /**
   * Whether anything waits for the loop. Not what another thread is only about to put into the
   * inbox: the loop does not wait for it, and that thread schedules a drain afterwards.
   */
  private boolean hasMore() {
    return completions.isReady() || !inbox.isEmpty();
  }

  /** Handles some of what waits for the loop; how much that was. */
  private int nextBatch() {
    int handled = 0;
    while (handled < BATCH && completions.isReady()) {
      NativeResult result = results[turn++ & (results.length - 1)];
      result.load(memory, completions.offset());
      completions.advance();
      counters.completed(completions.consumed());
      outcome(result);
      handled++;
    }
    for (int calls = 0; calls < BATCH; calls++) {
      LoopStep step = inbox.poll();
      if (step == null) {
        break;
      }
      step.step();
      handled++;
    }
    return handled;
  }

  /** The same, but a look among many calls in flight lets some outcomes gather first. */
  private int firstBatch() {
    int some = Math.min(slots.used() / GATHERED_SHARE, BATCH / 2);
    if (some > 0
        && linger.isLooking()
        && !completions.isReady(some)
        && inbox.isEmpty()
        && !linger.hasWaited(GATHERING_NANOS)) {
      return 0;
    }
    return nextBatch();
  }

  private void outcome(NativeResult result) {
    if (!result.isRequest()) {
      calls.settled(result);
      return;
    }
    try {
      requested(result);
    } finally {
      result.release();
    }
  }

  /** Rust has said its last word about a call. */
  void slotFreed() {
    if (ended || orphaned) {
      releaseWhenUnused();
    }
  }

  /** Told to nobody else: what a callback throws must not end the drain that runs it. */
  void callbackThrew(Throwable e) {
    log("a callback of a native call threw on ", e);
  }

  /** Nor must a log that throws: on some loops that would be the end of the loop. */
  private void log(String what, Throwable thrown) {
    try {
      LOG.log(Level.ERROR, what + loop, thrown);
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }

  // Ending: owner loop only, or what follows it.

  /**
   * Settles on the loop what is left, since the JVM is halting and no outcome will come. Any
   * thread.
   */
  void endOnShutdown() {
    offerDrain();
  }

  private void end(Supplier<LoopbridgeException> reason) {
    if (ended) {
      lookForLost();
      return;
    }
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isLive(slot)) {
        if (calls.isAwaited(slot)) {
          runtime.countCancelled(runtime.signature(slots.function(slot)));
        }
        calls.settleWith(slot, reason.get());
      }
    }
    ended = true;
    endLocals();
    try {
      handlers.end(null);
      submissions.forEachUnread(calls::freeUnread);
    } finally {
      releaseWhenUnused();
      lookForLost();
    }
  }

  private void releaseWhenUnused() {
    if (!released && slots.used() == 0) {
      released = true;
      endLocals();
      handlers.end(null); // nobody is left to drain what Rust lets go of
      submissions.publish(); // the dispatcher reads to the end before it goes
      if (inbox.isEmpty()) {
        withdrawTermination.run(); // else its drain does, for which the loop is still followed
      }
      Native.portClose(library(), handle);
      runtime.forget(this);
    }
  }

  /**
   * Frees the places that nobody will: Rust has no call left and no memory that was lent, and has
   * had time to publish what it had said before. One such place would keep the port for good.
   */
  private void lookForLost() {
    if (released || !submissions.isClosed() || !runtime.isRustIdle()) {
      looks = 0;
    } else if (++looks < LOOKS) {
      offerDrainLater();
    } else {
      calls.freeLost();
      releaseWhenUnused();
      looks = 0;
    }
    if (looks == 0) {
      runtime.portEnded(this);
    }
  }

  /** Drops what lives on this thread; the end of the thread itself does it if that comes first. */
  private void endLocals() {
    if (!orphaned) {
      locals.end();
    }
  }

  /**
   * The loop ran its last task: settle its calls with {@link OwnerGoneException} and drop their
   * Rust futures.
   */
  private void orphan() {
    orphaned = true;
    drainOrphaned();
  }

  /**
   * Takes the loop's place after its end; whoever comes while another is inside leaves the work to
   * that one.
   */
  private void drainOrphaned() {
    if (orphanDrains.getAndIncrement() != 0) {
      return;
    }
    try {
      int seen = 1;
      do {
        abandon();
        catchUp();
        boolean closed;
        boolean more;
        do {
          while (nextBatch() > 0) {}
          closed = idle();
          more = hasMore();
        } while (more && schedule());
        flush();
        if (closed && !more) {
          end(this::ownerGone);
        }
        seen = orphanDrains.addAndGet(-seen);
      } while (seen != 0);
    } catch (Throwable e) {
      orphanDrains.set(0); // whoever came meanwhile left the work to this one
      offerDrainLater();
      throw e;
    }
  }

  private void abandon() {
    if (abandoned) {
      return;
    }
    locals.recover();
    int awaited = 0;
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isLive(slot)) {
        cancelNatively(slot);
        awaited += calls.isAwaited(slot) ? 1 : 0;
        calls.settleWith(slot, ownerGone());
      }
    }
    handlers.end(this::ownerGone);
    abandoned = true;
    releaseWhenUnused();
    if (awaited > 0) {
      counters.ownerGone(awaited);
      LOG.log(
          Level.WARNING,
          "{0} shut down with {1} native calls in flight; they failed with OwnerGoneException",
          loop,
          awaited);
    }
  }

  OwnerGoneException ownerGone() {
    return new OwnerGoneException(
        loop + " shut down before the native call settled on it; start calls on a loop that lives");
  }

  /** Gives a payload back to Rust; any thread. */
  void releasePayload(long ticket) {
    Native.payloadRelease(library(), handle, ticket);
  }

  /** Gives an object back to Rust. Owner loop only. */
  void releaseLocal(int slot, int generation) {
    if (!ended && !released && !orphaned) {
      locals.release(slot, generation);
    }
  }

  /** Whether its loop may have futures to drive. Any thread. */
  boolean isDriving() {
    return !orphaned && !released;
  }

  /** Whether the dispatcher has nothing to do and waits for the doorbell. */
  boolean isDispatcherParked() {
    return (RecordLayout.wordAcquire(memory, RecordLayout.DOORBELL) & RecordLayout.DOORBELL_PARKED)
        != 0;
  }

  @Override
  public String toString() {
    return "Port(" + loop + ")";
  }
}
