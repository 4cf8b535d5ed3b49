package dev.cairn.backend.tpm.testing;

import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a swtpm and any number of clients, as a resource manager does: commands come
 * through one after the other, in the order in which connections were opened. Makes faults on the
 * way; one in which a response is lost closes the client's connection.
 *
 * <p>It has a control socket, too, so that tpm2-tools take it for a swtpm.
 */
public final class TpmProxy implements AutoCloseable {
  private static final int TPM_MILLIS = 60_000;
  private static final int ENOUGH_CLIENTS = 64;

  private final Path folder;
  private final FaultyConnector tpm;
  private final ServerSocketChannel server;
  private final Selector selector = Selector.open();
  private final Thread thread = new Thread(this::serve, "TPM proxy");
  private final AtomicLong clients = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> defect = new AtomicReference<>();

  // the proxy's thread
  private @Nullable TpmTransport upstream;

  private TpmProxy(Swtpm swtpm) throws IOException {
    this.folder = Files.createTempDirectory("tpmproxy");
    this.tpm = FaultyConnector.handingOn(TpmAddress.parse(swtpm.address()).connector());
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket()), ENOUGH_CLIENTS);
    server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    Files.createSymbolicLink(folder.resolve("s.ctrl"), swtpm.controlSocket());
    thread.setDaemon(true);
    thread.start();
  }

  /** Starts one in front of {@code swtpm}, which nobody else may use over its data socket. */
  public static TpmProxy inFrontOf(Swtpm swtpm) throws IOException {
    return new TpmProxy(swtpm);
  }

  /** Returns the socket for commands. */
  public Path socket() {
    return folder.resolve("s");
  }

  /** Returns the address as Cairn's configuration has it. */
  public String address() {
    return "unix:" + socket();
  }

  /** Connects another client. */
  public RawTpm connect() throws IOException {
    return RawTpm.connect(socket());
  }

  /** Runs one of tpm2-tools as another client; returns what it prints. */
  public String run(String... command) throws IOException {
    return Swtpm.run(socket(), command);
  }

  /** Sets up faults; those set up before stay. */
  public void plan(Consumer<FaultyConnector> faults) {
    synchronized (tpm) {
      faults.accept(tpm);
    }
  }

  /** Returns how many connections clients have opened. */
  public long clients() {
    return clients.get();
  }

  private record Client(long number, ByteBuffer command) {}

  private void serve() {
    try {
      while (selector.isOpen()) {
        selector.select();
        List<SelectionKey> ready =
            selector.selectedKeys().stream()
                .filter(SelectionKey::isValid)
                .sorted(Comparator.comparingLong(TpmProxy::number))
                .toList();
        selector.selectedKeys().clear();
        for (SelectionKey key : ready) {
          serve(key);
        }
      }
    } catch (ClosedSelectorException e) {
      // it is over
    } catch (IOException | RuntimeException | Error e) {
      defect.set(e);
    }
  }

  private static long number(SelectionKey key) {
    return key.attachment() instanceof Client client ? client.number : Long.MAX_VALUE;
  }

  private void serve(SelectionKey key) throws IOException {
    if (key.attachment() instanceof Client client) {
      try {
        serve((SocketChannel) key.channel(), client);
      } catch (IOException e) {
        key.channel().close(); // a client that was killed
      }
      return;
    }
    SocketChannel channel = server.accept();
    if (channel != null) {
      ByteBuffer command = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);
      channel
          .configureBlocking(false)
          .register(selector, SelectionKey.OP_READ, new Client(clients.incrementAndGet(), command));
    }
  }

  private void serve(SocketChannel channel, Client client) throws IOException {
    ByteBuffer command = client.command;
    if (channel.read(command) < 0) {
      channel.close();
      return;
    }
    if (command.position() >= 10 && command.position() == command.getInt(2)) {
      ByteBuffer response = execute(command.flip());
      command.clear();
      if (response == null) {
        channel.close();
        return;
      }
      boolean whole = response.remaining() == response.getInt(2);
      channel.write(response);
      if (!whole) {
        channel.close();
      }
    }
  }

  /** Returns what is to be said, or null for nothing. */
  private @Nullable ByteBuffer execute(ByteBuffer command) {
    ByteBuffer response = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);
    synchronized (tpm) {
      try {
        if (upstream == null) {
          upstream = tpm.connect();
        }
        upstream.transact(command, response, TPM_MILLIS);
        return response;
      } catch (TpmNotSentException | TpmOutcomeUnknownException e) {
        disconnect();
        return null;
      }
    }
  }

  private void disconnect() {
    if (upstream != null) {
      upstream.close();
      upstream = null;
    }
  }

  /** Ends it; fails if it did not work, or if a fault that was set up has not happened. */
  @Override
  public void close() throws IOException {
    server.close();
    selector.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    disconnect();
    Files.delete(folder.resolve("s.ctrl"));
    Files.deleteIfExists(socket());
    Files.delete(folder);
    if (defect.get() != null) {
      throw new AssertionError("the TPM proxy failed", defect.get());
    }
    tpm.assertAllFaultsHappened();
  }
}
