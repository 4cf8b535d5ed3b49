package dev.cairn.backend.tpm.testing;

import dev.cairn.linux.ErrnoException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A character device in front of a TPM's UNIX socket, made of pseudo-terminals: where there is no
 * kernel TPM, this takes the way of the device node. As with {@code /dev/tpmrm0}, every open is a
 * connection of its own, which a late response cannot leave. Unlike it, poll keeps its timeout and
 * close does not wait.
 */
public final class TpmCharacterDevice implements AutoCloseable {
  private static final int MAX_BYTES = 4096;
  private static final int HEADER_BYTES = 10;
  private static final int SIZE = 2;
  private static final int IDLE_MILLIS = 50;

  private final Path socket;
  private final Path link;
  private final Thread acceptor;
  private final List<Thread> bridges = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  private TpmCharacterDevice(Path socket, Path link, Pty first) {
    this.socket = socket;
    this.link = link;
    this.acceptor = new Thread(() -> accept(first), "terminals of " + link.getFileName());
    acceptor.setDaemon(true);
  }

  /** Makes {@code link} lead to a character device in front of {@code socket}. */
  public static TpmCharacterDevice inFrontOf(Path socket, Path link) throws IOException {
    Pty first = Pty.open();
    TpmCharacterDevice device = new TpmCharacterDevice(socket, link, first);
    device.leadTo(first);
    device.acceptor.start();
    return device;
  }

  /** Returns what is to be opened. */
  public Path path() {
    return link;
  }

  /** Returns the address as Cairn's configuration has it. */
  public String address() {
    return "device:" + link;
  }

  /** The link always leads to a terminal that nobody has used yet. */
  private void accept(Pty first) {
    Pty pty = first;
    try {
      while (!closed) {
        if (pty.await(IDLE_MILLIS) != Pty.Event.NOTHING) {
          Pty used = pty;
          pty = Pty.open();
          leadTo(pty);
          Thread bridge = new Thread(() -> bridge(used), "terminal " + used.slave());
          bridge.setDaemon(true);
          bridges.add(bridge);
          bridge.start();
        }
      }
      pty.close();
    } catch (IOException e) {
      throw new AssertionError("terminal: " + e.getMessage(), e);
    }
  }

  private void leadTo(Pty pty) throws IOException {
    Path fresh = link.resolveSibling(link.getFileName() + ".new");
    Files.createSymbolicLink(fresh, pty.slave());
    Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void bridge(Pty pty) {
    try (pty;
        SocketChannel tpm = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Selector selector = Selector.open()) {
      tpm.configureBlocking(false).register(selector, SelectionKey.OP_READ);
      ByteBuffer command = ByteBuffer.allocateDirect(MAX_BYTES);
      while (!closed && receive(pty, command)) {
        tpm.write(command.flip()); // swtpm wants a command in one write
        if (!answer(pty, tpm, selector)) {
          return;
        }
        command.clear();
      }
    } catch (IOException e) {
      if (!closed) {
        throw new AssertionError("terminal: " + e.getMessage(), e);
      }
    }
  }

  /** Gathers a whole command; false at the end. */
  private boolean receive(Pty pty, ByteBuffer command) throws ErrnoException {
    while (command.position() < HEADER_BYTES || command.position() < command.getInt(SIZE)) {
      Pty.Event event = pty.await(IDLE_MILLIS);
      if (closed || event == Pty.Event.CLOSED) {
        return false;
      }
      if (event == Pty.Event.BYTES && !pty.read(command)) {
        return false;
      }
    }
    return true;
  }

  /** Hands the response over, in two pieces; false if nobody waits for it any more. */
  private boolean answer(Pty pty, SocketChannel tpm, Selector selector) throws IOException {
    ByteBuffer response = ByteBuffer.allocateDirect(MAX_BYTES);
    while (selector.select(IDLE_MILLIS) == 0) {
      if (closed || pty.await(0) == Pty.Event.CLOSED) {
        return false;
      }
    }
    selector.selectedKeys().clear();
    if (tpm.read(response) < 0) {
      return false;
    }
    int end = response.flip().limit();
    pty.write(response.limit(HEADER_BYTES - 1));
    pty.write(response.limit(end));
    return true;
  }

  /** Takes the device away; whoever has it open gets an end of file. */
  @Override
  public void close() throws IOException {
    closed = true;
    Files.deleteIfExists(link);
    try {
      acceptor.join();
      for (Thread bridge : bridges) {
        bridge.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
