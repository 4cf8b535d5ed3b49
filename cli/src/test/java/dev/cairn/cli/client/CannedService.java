package dev.cairn.cli.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Answers every request with the same bytes and keeps what it was asked. For answers that the real
 * service never gives; what it does give is tested against the real one.
 */
public final class CannedService implements AutoCloseable {
  private final ServerSocketChannel server;
  private final byte[] answer;
  private final boolean silent;
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

  private CannedService(ServerSocketChannel server, byte[] answer, boolean silent) {
    this.server = server;
    this.answer = answer;
    this.silent = silent;
  }

  /** Listens on a free port of loopback; {@code answer} is sent as it is. */
  public static CannedService onTcp(String answer) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return started(server, answer, false);
  }

  /** Listens on a UNIX socket. */
  static CannedService onUnix(Path path, String answer) throws IOException {
    return started(unix(path), answer, false);
  }

  /** Accepts connections and never says anything. */
  static CannedService silentOnUnix(Path path) throws IOException {
    return started(unix(path), "", true);
  }

  private static ServerSocketChannel unix(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return server;
  }

  private static CannedService started(ServerSocketChannel server, String answer, boolean silent) {
    CannedService service = new CannedService(server, answer.getBytes(ISO_8859_1), silent);
    Thread thread = new Thread(service::serve, "canned-service");
    thread.setDaemon(true);
    thread.start();
    return service;
  }

  /** Returns where it is, as commands want it. */
  public String url() throws IOException {
    SocketAddress address = server.getLocalAddress();
    if (address instanceof InetSocketAddress inet) {
      return "http://127.0.0.1:" + inet.getPort();
    }
    return "unix:" + ((UnixDomainSocketAddress) address).getPath();
  }

  /** Returns the next request, head and body. */
  public String request() throws InterruptedException {
    return requests.take();
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        requests.add(read(Channels.newInputStream(client)));
        if (!silent) {
          ByteBuffer buffer = ByteBuffer.wrap(answer);
          while (buffer.hasRemaining()) {
            client.write(buffer);
          }
          client.close();
        }
      }
    } catch (ClosedChannelException e) {
      requests.add("the test is over");
    } catch (IOException e) {
      requests.add("the canned service failed: " + e);
    }
  }

  private static String read(InputStream in) throws IOException {
    StringBuilder request = new StringBuilder();
    while (request.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return request + " (broke off)";
      }
      request.append((char) b);
    }
    String head = request.toString();
    int at = head.indexOf("content-length: ");
    if (at >= 0) {
      int length =
          Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)).replaceAll("\\D", ""));
      request.append(new String(in.readNBytes(length), ISO_8859_1));
    }
    return request.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
