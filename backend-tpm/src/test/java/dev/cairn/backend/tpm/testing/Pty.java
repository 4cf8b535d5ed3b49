package dev.cairn.backend.tpm.testing;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** The master's side of a pseudo-terminal whose other side is a plain pipe of bytes both ways. */
final class Pty implements AutoCloseable {
  private static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TCGETS = 0x5401;
  private static final long TCSETS = 0x5402;
  private static final int TERMIOS_BYTES = 36; // 4 u32 flags, u8 line, 19 characters
  private static final int OUTPUT_FLAGS = 4;
  private static final int LOCAL_FLAGS = 12;

  private final Descriptor master;
  private final Path slave;

  private Pty(Descriptor master, Path slave) {
    this.master = master;
    this.slave = slave;
  }

  static Pty open() throws IOException {
    Descriptor master =
        Descriptor.open(
            Path.of("/dev/ptmx"), Descriptor.O_RDWR | Descriptor.O_NOCTTY | Descriptor.O_NONBLOCK);
    master.ioctl(TIOCSPTLCK, direct(4).putInt(0, 0));
    ByteBuffer number = direct(4);
    master.ioctl(TIOCGPTN, number);
    ByteBuffer termios = direct(TERMIOS_BYTES);
    master.ioctl(TCGETS, termios);
    termios.putInt(0, 0).putInt(OUTPUT_FLAGS, 0).putInt(LOCAL_FLAGS, 0); // raw, no echo
    master.ioctl(TCSETS, termios);
    return new Pty(master, Path.of("/dev/pts/" + number.getInt(0)));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Returns the character device. */
  Path slave() {
    return slave;
  }

  /** What the other side is doing. */
  enum Event {
    NOTHING,
    BYTES,
    CLOSED
  }

  Event await(int millis) throws ErrnoException {
    int events = master.poll(Descriptor.POLLIN, millis);
    if ((events & Descriptor.POLLIN) != 0) {
      return Event.BYTES;
    }
    return (events & Descriptor.POLLHUP) != 0 ? Event.CLOSED : Event.NOTHING;
  }

  /** Reads what is there; false if the other side has closed. */
  boolean read(ByteBuffer into) throws ErrnoException {
    try {
      return master.read(into) > 0;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EAGAIN) {
        return true;
      }
      if (e.errno() == Errno.EIO) {
        return false;
      }
      throw e;
    }
  }

  void write(ByteBuffer from) throws ErrnoException {
    master.write(from);
  }

  @Override
  public void close() throws ErrnoException {
    master.close();
  }
}
