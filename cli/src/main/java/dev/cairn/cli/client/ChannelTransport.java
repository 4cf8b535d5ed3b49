package dev.cairn.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A UNIX socket. The JDK offers it as a channel only, whose blocking reads know no timeout; so it
 * is non-blocking, and a selector waits.
 */
final class ChannelTransport implements Transport {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final long timeoutMs;

  ChannelTransport(SocketChannel channel, Duration timeout) throws IOException {
    this.channel = channel;
    this.timeoutMs = timeout.toMillis();
    this.selector = Selector.open();
    channel.configureBlocking(false);
    this.key = channel.register(selector, 0);
  }

  @Override
  public InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
        int got = channel.read(buffer);
        while (got == 0) {
          await(SelectionKey.OP_READ);
          got = channel.read(buffer);
        }
        return got;
      }
    };
  }

  @Override
  public OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
        while (buffer.hasRemaining()) {
          if (channel.write(buffer) == 0) {
            await(SelectionKey.OP_WRITE);
          }
        }
      }
    };
  }

  private void await(int operation) throws IOException {
    key.interestOps(operation);
    int ready = selector.select(timeoutMs);
    selector.selectedKeys().clear();
    if (ready == 0) {
      throw new SocketTimeoutException("no answer for " + timeoutMs + " ms");
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
