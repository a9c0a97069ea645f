package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A {@link LoopScene} whose calls ask handlers, most of them with a number for a number. */
abstract class HandlerScene extends LoopScene {

  final NativeFunction<Long> ask = longs("ask");

  NativeFunction<Long> longs(String name) {
    return runtime.function(name, Long.class, long.class, JavaHandler.class);
  }

  static JavaHandler<Long, Long> longs(Function<Long, Long> body) {
    return JavaHandler.of(Long.class, Long.class, body);
  }

  static JavaHandler<Long, Long> stages(Function<Long, CompletableFuture<Long>> body) {
    return JavaHandler.stage(Long.class, Long.class, body);
  }

  /** A handler that leaves each answer to the taker of the queue. */
  static <R> JavaHandler<R, R> later(Class<R> type, Queue<HandlerAnswer<R>> asked) {
    return JavaHandler.answering(
        type,
        type,
        (argument, answer) -> {
          asked.add(answer);
          return null;
        });
  }
}
