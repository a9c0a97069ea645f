package dev.loopbridge.examples;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a connection's HTTP codec and either engine, so that both have the same rules: how
 * many connections there may be, what is required of a request, and how long each part of it may
 * take. A breach of a rule is answered here, with {@code Connection: close}; the engine is only
 * notified that the connection has ended.
 *
 * <p>One for each connection; its loop only.
 */
final class ConnectionGuard extends ChannelDuplexHandler {

  private static final Logger LOG = System.getLogger(ConnectionGuard.class.getName());

  /**
   * How long the guard reads and drops what a refused client still sends, so that it gets its
   * answer.
   */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** What the connection is waiting for. */
  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    WORK,
    ANSWER,
    LEAVING
  }

  private final Routes routes;
  private final Limits limits;

  private ChannelHandlerContext context;
  private Phase phase = Phase.IDLE;
  private long phaseBegunNanos = System.nanoTime();
  private long lastReadNanos = phaseBegunNanos;
  private @Nullable Future<?> alarm;

  /**
   * Requests that were passed to the engine, and the answers to them that it has begun and ended.
   */
  private int requests;

  private int answersBegun;
  private int answersEnded;

  private boolean isMessageRead;
  private boolean isHeadBegun;
  private boolean isBodyOpen;

  /** The client of the last request waits for {@code 100 Continue} before it sends the body. */
  private boolean isBodyHeldBack;

  private boolean isClosedByAnswer;

  /** Why no further input is passed on; sent once earlier requests are answered. */
  private @Nullable Refusal refusal;

  private boolean isLeaving;

  /** The engine had a request, and was notified that the connection has ended, before it has. */
  private boolean isEngineNotified;

  ConnectionGuard(Routes routes) {
    this.routes = routes;
    this.limits = routes.admission().limits();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    Admission admission = routes.admission();
    int connections = admission.connectionOpened();
    context.channel().closeFuture().addListener(closed -> admission.connectionClosed());
    context.fireChannelActive();
    if (connections > 2 * limits.connections()) {
      context.close(); // an answer would keep the connection open for a while
    } else if (connections > limits.connections()) {
      refuse(Admission.tooManyConnections());
    } else {
      arm();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    disarm();
    if (!isEngineNotified) {
      context.fireChannelInactive();
    }
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (!isLeaving && isBodyOpen && answersEnded == requests) {
      linger(context.newSucceededFuture());
    }
    if (isLeaving) {
      // the linger is short
      context.channel().closeFuture().addListener(closed -> promise.trySuccess());
    } else {
      context.close(promise);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    lastReadNanos = System.nanoTime();
    isMessageRead = true;
    if (refusal != null || isLeaving) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HttpRequest head) {
      readHead(head);
    } else if (message instanceof HttpContent content) {
      readContent(content);
    } else {
      context.fireChannelRead(message);
    }
  }

  private void readHead(HttpRequest head) {
    isHeadBegun = false;
    Refusal broken = HeadRules.apply(head);
    if (broken != null) {
      ReferenceCountUtil.release(head);
      refuse(broken);
      return;
    }
    requests++;
    isBodyOpen =
        HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
    isBodyHeldBack = isBodyOpen && HttpUtil.is100ContinueExpected(head);
    move();
    context.fireChannelRead(head);
  }

  private void readContent(HttpContent content) {
    Throwable broken = content.decoderResult().cause();
    if (broken != null) {
      content.release();
      cutOff(HeadRules.malformed(broken));
      return;
    }
    isBodyHeldBack = false;
    if (content instanceof LastHttpContent) {
      isBodyOpen = false;
    }
    context.fireChannelRead(content);
    move();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!isMessageRead && phase == Phase.IDLE) {
      isHeadBegun = true; // bytes came, but no whole head
      move();
    }
    isMessageRead = false;
    if (!isLeaving) {
      context.fireChannelReadComplete();
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (isLeaving) {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new ClosedChannelException());
      return;
    }
    if (message instanceof HttpResponse head) {
      if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        isBodyHeldBack = false;
        context.write(message, promise);
        return;
      }
      answersBegun++;
      if (isBodyHeldBack && answersBegun == requests) {
        // The client is never asked for the body, so no other request can follow it.
        HttpUtil.setKeepAlive(head, false);
        isClosedByAnswer = true;
      }
      move();
    }
    ChannelPromise written = promise;
    if (message instanceof LastHttpContent) {
      written = promise.unvoid();
      written.addListener(end -> answerEnded());
    }
    context.write(message, written);
  }

  private void answerEnded() {
    answersEnded++;
    if (isClosedByAnswer) {
      context.close();
    } else if (refusal != null && answersEnded == requests) {
      leave(routes.refused(refusal));
    } else {
      move();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (failure instanceof IOException) {
      // The client's connection broke, which is no error of the server.
      LOG.log(Level.DEBUG, "a connection broke", failure);
      context.close();
    } else {
      context.fireExceptionCaught(failure);
    }
  }

  /** Refuses further input, once all requests before it are answered. */
  private void refuse(Refusal reason) {
    refusal = reason;
    if (answersEnded == requests) {
      leave(routes.refused(reason));
    }
  }

  /** Ends the request that the engine has, and the connection with it. */
  private void cutOff(Refusal reason) {
    if (answersEnded == requests) {
      linger(context.newSucceededFuture()); // the request was answered before its body ended
    } else if (answersBegun > answersEnded || requests - answersEnded > 1) {
      context.close(); // half of an answer is sent, or the answer to another request comes first
    } else {
      leave(Answer.refusal(reason));
    }
  }

  /** Sends the last answer of this connection. */
  private void leave(Answer answer) {
    LOG.log(Level.DEBUG, "a connection ends with an answer of status {0}", answer.status());
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), answer.body());
    response.headers().set("content-type", answer.contentType());
    answer.headers().forEach(response.headers()::set);
    HttpUtil.setContentLength(response, answer.body().readableBytes());
    HttpUtil.setKeepAlive(response, false);
    linger(context.writeAndFlush(response));
    if (requests > answersEnded) {
      isEngineNotified = true;
      context.fireChannelInactive();
    }
  }

  /**
   * Reads and drops what the client still sends, for a while: unread bytes would make the system
   * discard the last answer when it closes the connection.
   */
  private void linger(ChannelFuture lastAnswer) {
    isLeaving = true;
    move();
    DuplexChannel channel = (DuplexChannel) context.channel();
    lastAnswer.addListener(sent -> channel.shutdownOutput());
    channel.config().setAutoRead(true);
  }

  /** Determines the phase; the time limit of a new phase starts now. */
  private void move() {
    Phase next = phase();
    if (next != phase) {
      phase = next;
      phaseBegunNanos = System.nanoTime();
      arm();
    }
  }

  private Phase phase() {
    if (isLeaving) {
      return Phase.LEAVING;
    } else if (answersBegun > answersEnded) {
      return Phase.ANSWER;
    } else if (requests - answersEnded > (isBodyOpen ? 1 : 0)) {
      return Phase.WORK;
    } else if (isBodyOpen) {
      return Phase.BODY; // an early answer does not end the body
    }
    return isHeadBegun ? Phase.HEAD : Phase.IDLE;
  }

  private long remainingNanos() {
    long inPhase = System.nanoTime() - phaseBegunNanos;
    return switch (phase) {
      case IDLE -> (requests == 0 ? limits.head() : limits.idle()).toNanos() - inPhase;
      case HEAD -> limits.head().toNanos() - inPhase;
      case BODY -> {
        long paused = Math.min(inPhase, System.nanoTime() - lastReadNanos);
        yield Math.min(limits.body().toNanos() - inPhase, limits.bodyPause().toNanos() - paused);
      }
      case WORK -> limits.work().toNanos() - inPhase;
      case ANSWER -> limits.answer().toNanos() - inPhase;
      case LEAVING -> LINGER.toNanos() - inPhase;
    };
  }

  private void arm() {
    disarm();
    if (context.channel().isActive()) {
      alarm = context.executor().schedule(this::ring, remainingNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void disarm() {
    if (alarm != null) {
      alarm.cancel(false);
      alarm = null;
    }
  }

  private void ring() {
    if (remainingNanos() > 0) {
      arm(); // something was read since the timer was set
      return;
    }
    switch (phase) {
      case HEAD -> {
        routes.admission().cutOff();
        refuse(new Refusal(408, "late_head", "the request's headers took too long to come"));
      }
      case BODY -> {
        routes.admission().cutOff();
        cutOff(new Refusal(408, "late_body", "the request's body took too long to come"));
      }
      case WORK -> {
        routes.admission().cutOff();
        leave(Answer.refusal(Refusal.tryAgain("late_work", "it took too long; try again")));
      }
      case ANSWER -> {
        routes.admission().cutOff();
        context.close();
      }
      case IDLE, LEAVING -> context.close();
    }
  }
}
