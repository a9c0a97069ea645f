/**
 * The types that adapters, loops and codecs are made of. A program that only calls Rust needs none
 * of them: {@link dev.loopbridge} has the types for that.
 *
 * <p>An adapter is a {@link dev.loopbridge.spi.CallAdapter}, which {@link
 * dev.loopbridge.NativeCall#as} takes. It starts the call with a target of its own:
 *
 * <pre>{@code
 * final class Answer<R> extends ObservableFuture<R> implements CallTarget<R> {
 *
 *   private CallHandle handle;
 *
 *   static <R> CallAdapter<R, Answer<R>> on(OwnerLoop loop) {
 *     return call -> {
 *       Answer<R> answer = new Answer<>();
 *       answer.handle = call.start(loop, answer);
 *       return answer;
 *     };
 *   }
 *
 *   public void value(R value) {
 *     succeed(value);
 *   }
 *
 *   public void error(Throwable error) {
 *     fail(error);
 *   }
 * }
 * }</pre>
 *
 * <table>
 *   <caption>What an adapter, a loop or a codec names</caption>
 *   <tr><th>Type</th><th>Implemented by</th><th>What it is</th></tr>
 *   <tr><td>{@link dev.loopbridge.spi.CallAdapter}</td><td>an adapter</td>
 *     <td>makes a type of future of a call</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.CallTarget}</td><td>an adapter</td>
 *     <td>gets the outcome of a started call, on its owner loop</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.CallHandle}</td><td>the bridge</td>
 *     <td>cancels a started call</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.HandlerBody}</td><td>an adapter</td>
 *     <td>runs an invocation of a {@link dev.loopbridge.JavaHandler}</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.HandlerAnswer}</td><td>the bridge</td>
 *     <td>takes the answer to an invocation</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.LoopFinder}</td><td>a service of a loop</td>
 *     <td>finds the loop on which the caller is, for calls that name none</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.ContextFinder}</td><td>a service of a loop</td>
 *     <td>also places the target of a call in the context that its starter is in</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.TypedObject}</td><td>a generated class</td>
 *     <td>stands for an object of Rust's, with its functions as methods</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.BytesCodec}</td><td>a service of a codec</td>
 *     <td>makes another library's class one that stands for bytes</td></tr>
 *   <tr><td>{@link dev.loopbridge.spi.DataCodec}, {@link dev.loopbridge.spi.DataCodecs}</td>
 *     <td>generated classes</td><td>writes and reads records, enums, lists and maps, by {@link
 *     dev.loopbridge.spi.DataWriter} and {@link dev.loopbridge.spi.DataReader}</td></tr>
 * </table>
 *
 * <p>A loop is an {@link dev.loopbridge.OwnerLoop}, which callers name too, as they do {@link
 * dev.loopbridge.Blocking} and {@link dev.loopbridge.ContextCarrier}; these are in {@link
 * dev.loopbridge}.
 */
@NullMarked
package dev.loopbridge.spi;

import org.jspecify.annotations.NullMarked;
