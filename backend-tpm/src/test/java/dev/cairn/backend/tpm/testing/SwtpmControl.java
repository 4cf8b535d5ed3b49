package dev.cairn.backend.tpm.testing;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * swtpm's control channel: u32 command and body there, u32 result back; big-endian. A connection
 * for each request.
 *
 * @see "swtpm include/swtpm/tpm_ioctl.h, src/swtpm/ctrlchannel.c"
 */
final class SwtpmControl {
  private static final int INIT = 2;
  private static final int SHUTDOWN = 3;
  private static final int SET_LOCALITY = 5;
  private static final int STORE_VOLATILE = 10;
  private static final int STOP = 14;
  private static final int GET_CONFIG = 15;
  private static final long ANSWER_MILLIS = 5000;

  private final Path socket;

  SwtpmControl(Path socket) {
    this.socket = socket;
  }

  /** Power cycle; TPM2_Startup has to follow. Connections stay. */
  void init() throws IOException {
    succeed("INIT", ByteBuffer.allocate(8).putInt(INIT).putInt(0));
  }

  /** Ends the process. */
  void shutdown() throws IOException {
    succeed("SHUTDOWN", ByteBuffer.allocate(4).putInt(SHUTDOWN));
  }

  void setLocality(int locality) throws IOException {
    succeed("SET_LOCALITY", ByteBuffer.allocate(5).putInt(SET_LOCALITY).put((byte) locality));
  }

  /** Writes the registers to a file which every later start or INIT resumes. */
  void storeVolatile() throws IOException {
    succeed("STORE_VOLATILE", ByteBuffer.allocate(4).putInt(STORE_VOLATILE));
  }

  /** Failure mode: TPM_RC_FAILURE for everything, until INIT. */
  void stop() throws IOException {
    succeed("STOP", ByteBuffer.allocate(4).putInt(STOP));
  }

  /** Asks for something harmless: it answers once it runs, whoever has the data channel. */
  void ask() throws IOException {
    succeed("GET_CONFIG", ByteBuffer.allocate(4).putInt(GET_CONFIG));
  }

  private void succeed(String name, ByteBuffer request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Selector selector = Selector.open()) {
      channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
      channel.write(request.flip());
      ByteBuffer answer = ByteBuffer.allocate(4);
      while (answer.hasRemaining()) {
        if (selector.select(ANSWER_MILLIS) == 0) {
          throw new IOException("%s: %s: no answer".formatted(socket, name));
        }
        selector.selectedKeys().clear();
        if (channel.read(answer) < 0) {
          throw new EOFException("%s: %s: closed".formatted(socket, name));
        }
      }
      int result = answer.getInt(0);
      if (result != 0) {
        throw new IOException("%s: %s: 0x%x".formatted(socket, name, result));
      }
    }
  }
}
