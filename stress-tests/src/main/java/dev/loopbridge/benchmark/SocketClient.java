package dev.loopbridge.benchmark;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A client of {@link Neighbour} over its Unix socket, on one connection of an epoll loop: frames
 * come back in the order in which they were sent. Its methods but the constructor and {@link
 * #close} are for the loop.
 */
final class SocketClient extends ChannelInboundHandlerAdapter implements AutoCloseable {

  private static final int HEADER = 4;

  private final EventLoop loop;
  private final byte[] bytes;
  private final boolean one;
  private final Channel channel;
  private final Queue<Pump> waiting = new ArrayDeque<>();
  private final Runnable flush = this::flush;
  private boolean flushing;

  /** The bytes of the present frame that have come, and its content. */
  private int come;

  private byte[] content;

  SocketClient(EventLoop loop, Path socket, byte[] bytes, int inFlight)
      throws InterruptedException {
    this.loop = loop;
    this.bytes = bytes;
    this.one = inFlight == 1;
    channel =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainSocketChannel.class)
            .handler(this)
            .connect(new DomainSocketAddress(socket.toFile()))
            .sync()
            .channel();
  }

  /** Sends the bytes; the answer ends an operation of the pump. */
  void call(Pump pump) {
    waiting.add(pump);
    ByteBuf frame = channel.alloc().directBuffer(HEADER + bytes.length);
    frame.writeInt(bytes.length).writeBytes(bytes);
    channel.write(frame, channel.voidPromise());
    if (one) {
      channel.flush();
    } else if (!flushing) {
      // Once for all calls of this turn.
      flushing = true;
      loop.execute(flush);
    }
  }

  private void flush() {
    flushing = false;
    channel.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf input = (ByteBuf) message;
    try {
      while (input.isReadable()) {
        if (come < HEADER) {
          int header = Math.min(HEADER - come, input.readableBytes());
          input.skipBytes(header);
          come += header;
          content = new byte[bytes.length];
        }
        if (come >= HEADER) {
          int length = Math.min(HEADER + bytes.length - come, input.readableBytes());
          input.readBytes(content, come - HEADER, length);
          come += length;
        }
        if (come == HEADER + bytes.length) {
          come = 0;
          waiting.remove().ended();
        }
      }
    } finally {
      input.release();
    }
  }

  /** The server does not close a connection while calls wait. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    exceptionCaught(context, new IllegalStateException("the server closed the connection"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Pump pump;
    while ((pump = waiting.poll()) != null) {
      pump.ended(cause);
    }
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
  }
}
