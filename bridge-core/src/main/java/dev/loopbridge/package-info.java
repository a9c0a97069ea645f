/**
 * Rust futures on the JVM's event loops, and Java's functions in Rust.
 *
 * <p>Load a {@link dev.loopbridge.NativeLibrary}, open a {@link dev.loopbridge.NativeRuntime}, look
 * up a {@link dev.loopbridge.NativeFunction} and make a {@link dev.loopbridge.NativeCall}. Its
 * {@link dev.loopbridge.NativeCall#toFuture() toFuture()} and {@link
 * dev.loopbridge.NativeCall#toPromise toPromise(executor)} start it; {@link
 * dev.loopbridge.NativeCall#as as(adapter)} makes a type of Reactor's or Vert.x's, by the adapters
 * of those modules.
 *
 * <p>A {@link dev.loopbridge.ContextCarrier} takes what surrounds a caller to where its call
 * settles.
 *
 * <p>A {@link dev.loopbridge.JavaHandler} is a Java function that Rust awaits, a {@link
 * dev.loopbridge.LoopRef} an object that Rust may hold and no other loop may touch, a {@link
 * dev.loopbridge.NativeRef} an object of Rust's that lives on a loop's own thread, a {@link
 * dev.loopbridge.NativeObject} one that all loops of its runtime may use.
 *
 * <h2>The threading contract</h2>
 *
 * <p>Code cites these rules by number, as "contract 3".
 *
 * <ol>
 *   <li><b>A call has one owner loop.</b> The owner is the {@link dev.loopbridge.OwnerLoop} that is
 *       named to the adapter; else the loop or context on which the caller is; else the default
 *       loop of the runtime. A call that is started on another thread moves to its owner once. The
 *       bridge recognises Netty's loops, also those of a shaded Netty, Vert.x contexts, Reactor's
 *       single Schedulers that {@code ReactorBridge.loop} was given, and the loops of each {@link
 *       dev.loopbridge.spi.LoopFinder} service. A call of any kind that is started on a Vert.x
 *       context and owned by its loop settles in that very context.
 *   <li><b>A call settles exactly once, on its owner loop.</b> It settles with a value, an error
 *       ({@link dev.loopbridge.NativeException}, with the chain of the Rust error as causes), a
 *       panic ({@link dev.loopbridge.NativePanicError}, with text and place; the panic goes on in
 *       Rust if a handler fails with it), a cancel, the end of the runtime ({@link
 *       dev.loopbridge.RuntimeClosedException}), or {@link dev.loopbridge.SystemLimitException} if
 *       the system has no thread for a blocking call, which then has not run.
 *   <li><b>If the owner loop is gone, the call fails with {@link
 *       dev.loopbridge.OwnerGoneException}.</b> It fails on the thread that noticed, since no other
 *       thread is left. The Rust future is dropped.
 *   <li><b>A cancel drops the Rust future within one poll.</b> These cancel: disposing a {@code
 *       Mono}, cancelling or completing a stage or promise, {@code CancellableFuture.cancel()},
 *       undeploying a verticle, closing Vert.x or the runtime. A stage that its user cancels or
 *       completes runs its dependents on the thread of that user, as each {@code CompletableFuture}
 *       does. A blocking function runs on; it may look at {@code loopbridge::cancelled()}.
 *   <li><b>The body of a handler runs on the owner loop of the call with which it came.</b> It runs
 *       nowhere else, also when Rust calls it later and from another thread. If that loop or the
 *       runtime has ended, Rust gets an error. When Rust drops the future that waits for the
 *       answer, that loop cancels the stage, the {@code Mono} or what {@link
 *       dev.loopbridge.JavaHandler#answering} returned. Of a handler that answers with a call
 *       ({@link dev.loopbridge.JavaHandler#call}) the future of that call is dropped, without a
 *       task of that loop. What the body throws comes back to that loop as the same object: itself
 *       if Rust returns it as it is, as the cause in its place if it is in the chain of Rust's
 *       error.
 *   <li><b>Neither side waits for the other side.</b> A blocked loop delays its own results only.
 *       Waiting for a result on a loop throws {@link dev.loopbridge.BlockingOnLoopException}: by
 *       {@link dev.loopbridge.NativeCall#await}, by a stage or what its own methods make of it, by
 *       a promise. A future that the JDK makes elsewhere cannot refuse, such as {@code
 *       CompletableFuture.allOf(stage).join()} or {@code other.thenCompose(x -> stage).join()}: it
 *       stops its loop for ever. A loop that has stood still for 5 seconds while results wait for
 *       it is logged once, with its stack.
 *   <li><b>A loop-driven future never leaves the thread of its loop.</b> It is made, polled and
 *       dropped there, in Tokio's context, and a cancel drops it at once. When that thread ends, it
 *       drops its futures and objects as its last action, and the calls fail with {@link
 *       dev.loopbridge.OwnerGoneException}.
 *   <li><b>Each piece of memory has one owner.</b> A {@code ByteBuf} argument stays the caller's,
 *       who may release it at any time after the start. The bridge holds a reference of its own
 *       until Rust has dropped the bytes; no thread may write to them meanwhile. A {@code ByteBuf}
 *       result is the receiver's to release. A large one is Rust's own memory, lent read-only.
 *   <li><b>A pinned object is touched on its loop alone.</b> Elsewhere {@link
 *       dev.loopbridge.LoopRef#get} throws {@link dev.loopbridge.WrongLoopException}, which names
 *       the loop, the thread and the place where the reference was made. A call or a handler of
 *       another loop refuses the object in the same way and never moves it. The same holds for a
 *       {@link dev.loopbridge.NativeRef}, which throws {@link dev.loopbridge.ClosedException} after
 *       its close.
 *   <li><b>A runtime ends with its JVM.</b> It ends at once, with the calls in flight. With {@link
 *       dev.loopbridge.NativeRuntime.Builder#closedByOwner} it ends when its owner closes it, also
 *       between two calls of one request, and at the latest after the given time.
 *   <li><b>Calls in flight are limited.</b> Each loop has {@link
 *       dev.loopbridge.NativeRuntime.Builder#maxInFlight} calls, 4096 by default. The next call
 *       fails with {@link dev.loopbridge.TooManyInFlightException} and has cost nothing. A call
 *       counts once, whatever it passes. What Rust holds has places beside that; {@code
 *       maxInFlight} has their number. Where the system has no addresses for the rings of a loop, a
 *       call fails with {@link dev.loopbridge.NativeMemoryException}.
 *   <li><b>An object that all loops use lives until its last call has ended.</b> A {@link
 *       dev.loopbridge.NativeObject} may be passed, and closed, on any thread. After its close no
 *       call starts with it ({@link dev.loopbridge.ClosedException}), and those that were started
 *       before go on. Another runtime refuses it ({@link dev.loopbridge.WrongRuntimeException}).
 *       Rust drops it on a thread of the runtime's, never on a loop.
 * </ol>
 *
 * <h2>Words</h2>
 *
 * <p>The documents of both languages use these words; the first page of the crate {@code
 * loopbridge} has the same table.
 *
 * <table>
 *   <caption>Java's name, Rust's name, and what it is</caption>
 *   <tr><th>Java</th><th>Rust</th><th>What it is</th></tr>
 *   <tr><td>{@code NativeFunction}</td><td>{@code Registry::function}</td>
 *     <td>a function of Rust that Java can call</td></tr>
 *   <tr><td>{@code NativeCall}</td><td></td>
 *     <td>one call of it; a call <em>settles</em> once, with a value or an error</td></tr>
 *   <tr><td>{@code NativeFunction}</td><td>{@code Registry::local}</td>
 *     <td><em>loop-driven</em>: the future is polled on the owner loop's thread</td></tr>
 *   <tr><td>{@code JavaHandler}</td><td>{@code JavaFn}</td>
 *     <td>a <em>handler</em>: a function of Java that Rust can await</td></tr>
 *   <tr><td>{@code HandlerAnswer}</td><td>{@code Invocation}</td>
 *     <td>one <em>invocation</em> of a handler: a request to the loop, and its answer</td></tr>
 *   <tr><td>{@code JavaHandler.call}</td><td>{@code Relayed}</td>
 *     <td>a <em>relay</em>: a call that answers an invocation; its result stays in Rust</td></tr>
 *   <tr><td>{@code LoopRef}</td><td>{@code JavaRef}</td>
 *     <td>an object of Java, pinned to one loop, that Rust can keep and give back</td></tr>
 *   <tr><td>{@code NativeRef}</td><td>{@code Local}</td>
 *     <td>an object of Rust, pinned to one loop, that Java can keep and give back</td></tr>
 *   <tr><td>{@code NativeObject}</td><td>{@code Shared}</td>
 *     <td>an object of Rust that all loops of its runtime may use, and Java closes</td></tr>
 *   <tr><td>{@code Port}</td><td>{@code Port}</td>
 *     <td>one event loop bound to one runtime: two rings and the words beside them</td></tr>
 *   <tr><td></td><td>{@code Dispatcher}</td>
 *     <td>the task of a port that reads the submission ring and starts calls</td></tr>
 *   <tr><td>{@code SubmissionRing}</td><td>{@code Doorbell}</td>
 *     <td>the word by which Java wakes a dispatcher that sleeps</td></tr>
 *   <tr><td>{@code CompletionRing}</td><td>{@code WakeWord}</td>
 *     <td>the word that states whether a drain is scheduled</td></tr>
 *   <tr><td>{@code Drain}</td><td></td>
 *     <td>a <em>drain</em>: the task of the owner loop that reads the completion ring</td></tr>
 *   <tr><td>{@code SlotTable}</td><td>{@code CallId}</td>
 *     <td>a <em>slot</em> and its generation: the name of a call, or of an object, in both
 *     languages</td></tr>
 *   <tr><td>{@code Admission}</td><td></td>
 *     <td>a <em>place</em>: room for one call in a port's rings; what Rust holds of Java's takes
 *     <em>units</em></td></tr>
 *   <tr><td>{@code Cells}</td><td>{@code Cells}</td>
 *     <td>a <em>cell</em>: a slot's memory for arguments and a result that no record holds, up to a
 *     KiB; what lies there is copied, not lent</td></tr>
 *   <tr><td>a {@code ByteBuf} argument</td><td>{@code Lease}</td>
 *     <td>memory of Java that is <em>lent</em> to a call until Rust has dropped it</td></tr>
 *   <tr><td>{@code PayloadByteBuf}</td><td>{@code Bytes}</td>
 *     <td>a <em>payload</em>: a long result in Rust's memory, which Java reads in place and gives
 *     back</td></tr>
 * </table>
 *
 * <h2>Types by audience</h2>
 *
 * <p>This package has the types that a caller of Rust names. Those that only adapters, loops and
 * codecs name are in {@link dev.loopbridge.spi}, which has their table. No other type is public.
 *
 * <table>
 *   <caption>What a caller of Rust names</caption>
 *   <tr><th>Types</th><th>What they are for</th></tr>
 *   <tr><td>{@link dev.loopbridge.NativeLibrary}, {@link dev.loopbridge.NativeRuntime}</td>
 *     <td>to load a library, and to run it</td></tr>
 *   <tr><td>{@link dev.loopbridge.NativeFunction}, {@link dev.loopbridge.NativeCall}</td>
 *     <td>to call Rust</td></tr>
 *   <tr><td>{@link dev.loopbridge.LibraryBinding}</td>
 *     <td>used by generated classes: to look up what they call</td></tr>
 *   <tr><td>{@link dev.loopbridge.JavaHandler}</td>
 *     <td>to be called by Rust</td></tr>
 *   <tr><td>{@link dev.loopbridge.Request}</td>
 *     <td>what a handler may answer with: any {@code NativeCall}</td></tr>
 *   <tr><td>{@link dev.loopbridge.OwnerLoop}, {@link dev.loopbridge.NettyLoop}</td>
 *     <td>to name the loop that owns a call; a loop of one's own implements {@code OwnerLoop}</td></tr>
 *   <tr><td>{@link dev.loopbridge.Blocking}</td>
 *     <td>to refuse to wait on a loop</td></tr>
 *   <tr><td>{@link dev.loopbridge.LoopRef}, {@link dev.loopbridge.NativeRef}</td>
 *     <td>to pass objects that belong to one loop</td></tr>
 *   <tr><td>{@link dev.loopbridge.NativeObject}</td>
 *     <td>to keep, use and close a client, a pool or a database of Rust's</td></tr>
 *   <tr><td>{@link dev.loopbridge.ContextCarrier}</td>
 *     <td>to carry a context from a caller to its callbacks</td></tr>
 *   <tr><td>{@link dev.loopbridge.RuntimeMetrics}, {@link dev.loopbridge.CloseReport}</td>
 *     <td>to watch a runtime, and to see how it ended</td></tr>
 *   <tr><td>{@link dev.loopbridge.NativeException}, {@link dev.loopbridge.NativePanicError}</td>
 *     <td>the errors of Rust</td></tr>
 *   <tr><td>{@link dev.loopbridge.LoopbridgeException}, and the classes that extend it</td>
 *     <td>the errors of the bridge</td></tr>
 * </table>
 */
@NullMarked
package dev.loopbridge;

import org.jspecify.annotations.NullMarked;
