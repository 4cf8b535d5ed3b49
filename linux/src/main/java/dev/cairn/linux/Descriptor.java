package dev.cairn.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * An open file, with the calls that the JDK lacks: O_CLOEXEC, O_NONBLOCK, poll, ioctl, flock, and
 * read and write as exactly one system call each. An interrupt of the thread does not reach into
 * them, so a command to a device is never torn. Buffers are direct: their memory is the call's.
 *
 * <p>One thread at a time; {@link #close()} once.
 */
public final class Descriptor implements AutoCloseable {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_NOCTTY = 0x100;
  public static final int O_NONBLOCK = 0x800;
  public static final int POLLIN = 1;
  public static final int POLLPRI = 2;
  public static final int POLLERR = 8;
  public static final int POLLHUP = 16;
  public static final int LOCK_SH = 1;
  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;

  private static final int POLLFD_BYTES = 8; // int fd, short events, short revents

  private final String file;
  private final int number;
  private final ByteBuffer pollfd =
      ByteBuffer.allocateDirect(POLLFD_BYTES).order(ByteOrder.nativeOrder());
  private boolean closed;

  private Descriptor(String file, int number) {
    this.file = file;
    this.number = number;
  }

  /**
   * Opens {@code file}, which has to exist: O_CREAT cannot be given, so that nothing is ever made
   * where a device should be. O_CLOEXEC is always set.
   *
   * @param flags of open(2)
   * @throws ErrnoException if it cannot be opened
   */
  public static Descriptor open(Path file, int flags) throws ErrnoException {
    if ((flags & LibC.O_CREAT) != 0) {
      throw new IllegalArgumentException("O_CREAT: makes files where devices should be");
    }
    try {
      int number = LibC.open(file.toString(), flags | LibC.O_CLOEXEC, 0);
      return new Descriptor(file.toString(), number);
    } catch (LastErrorException e) {
      throw new ErrnoException("open", file.toString(), e.getErrorCode());
    }
  }

  /**
   * Reads once into the free part of {@code into}, a direct buffer, and moves its position.
   *
   * @return how many bytes came; 0 at the end of a file
   * @throws ErrnoException with EAGAIN where there is nothing yet, EINTR, EIO, …
   */
  public int read(ByteBuffer into) throws ErrnoException {
    try {
      int count = (int) LibC.read(number, requireDirect(into).slice(), into.remaining());
      into.position(into.position() + count);
      return count;
    } catch (LastErrorException e) {
      throw new ErrnoException("read", file, e.getErrorCode());
    }
  }

  /** Reads once at {@code offset} of the file, without moving anything but the buffer. */
  public int read(ByteBuffer into, long offset) throws ErrnoException {
    try {
      int count = (int) LibC.pread(number, requireDirect(into).slice(), into.remaining(), offset);
      into.position(into.position() + count);
      return count;
    } catch (LastErrorException e) {
      throw new ErrnoException("read", file, e.getErrorCode());
    }
  }

  /**
   * Writes what is in {@code from}, a direct buffer, with one call, and moves its position.
   *
   * @return how many bytes the kernel took; fewer than were given is the caller's to judge
   * @throws ErrnoException if it took none
   */
  public int write(ByteBuffer from) throws ErrnoException {
    try {
      int count = (int) LibC.write(number, requireDirect(from).slice(), from.remaining());
      from.position(from.position() + count);
      return count;
    } catch (LastErrorException e) {
      throw new ErrnoException("write", file, e.getErrorCode());
    }
  }

  /** Writes once at {@code offset} of the file, without moving anything but the buffer. */
  public int write(ByteBuffer from, long offset) throws ErrnoException {
    try {
      int count = (int) LibC.pwrite(number, requireDirect(from).slice(), from.remaining(), offset);
      from.position(from.position() + count);
      return count;
    } catch (LastErrorException e) {
      throw new ErrnoException("write", file, e.getErrorCode());
    }
  }

  /**
   * Waits until one of {@code events} is there.
   *
   * @return what is there, POLLERR and POLLHUP included; 0 if the time is up
   * @throws ErrnoException with EINTR if a signal came first
   */
  public int poll(int events, int timeoutMillis) throws ErrnoException {
    pollfd.putInt(0, number).putShort(4, (short) events).putShort(6, (short) 0);
    try {
      int ready = LibC.poll(pollfd, 1, timeoutMillis);
      return ready == 0 ? 0 : pollfd.getShort(6);
    } catch (LastErrorException e) {
      throw new ErrnoException("poll", file, e.getErrorCode());
    }
  }

  /**
   * Calls ioctl(2).
   *
   * @param argument a direct buffer, read and written by the kernel from its first byte on
   * @return what the call returned
   * @throws ErrnoException with ENOTTY where the device has no such request
   */
  public int ioctl(long request, ByteBuffer argument) throws ErrnoException {
    try {
      return LibC.ioctl(number, request, requireDirect(argument));
    } catch (LastErrorException e) {
      throw new ErrnoException("ioctl 0x" + Long.toHexString(request), file, e.getErrorCode());
    }
  }

  /**
   * Takes a lock of flock(2), which fcntl locks and so those of the JDK do not see.
   *
   * @throws ErrnoException with EAGAIN if LOCK_NB is given and somebody else has it
   */
  public void lock(int operation) throws ErrnoException {
    try {
      LibC.flock(number, operation);
    } catch (LastErrorException e) {
      throw new ErrnoException("flock", file, e.getErrorCode());
    }
  }

  /**
   * Closes it; some drivers do their work only now.
   *
   * @throws ErrnoException what close(2) said; the descriptor is gone all the same
   */
  @Override
  public void close() throws ErrnoException {
    if (closed) {
      return; // the number may be somebody else's by now
    }
    closed = true;
    try {
      LibC.close(number);
    } catch (LastErrorException e) {
      throw new ErrnoException("close", file, e.getErrorCode());
    }
  }

  private static ByteBuffer requireDirect(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("needs a direct buffer");
    }
    return buffer;
  }

  /** Loads JNA when it is first used, not when this class is. */
  private static final class LibC {
    static final int O_CREAT = 0x40;
    static final int O_CLOEXEC = 0x80000;

    static {
      Native.register(LibC.class, "c");
    }

    private LibC() {}

    // open and ioctl are variadic in C; on x86-64 and aarch64 Linux fixed arguments are passed
    // alike
    static native int open(String path, int flags, int mode) throws LastErrorException;

    static native long read(int fd, ByteBuffer into, long count) throws LastErrorException;

    static native long pread(int fd, ByteBuffer into, long count, long offset)
        throws LastErrorException;

    static native long write(int fd, ByteBuffer from, long count) throws LastErrorException;

    static native long pwrite(int fd, ByteBuffer from, long count, long offset)
        throws LastErrorException;

    static native int poll(ByteBuffer pollfds, long count, int timeoutMillis)
        throws LastErrorException;

    static native int ioctl(int fd, long request, ByteBuffer argument) throws LastErrorException;

    static native int flock(int fd, int operation) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;
  }
}
