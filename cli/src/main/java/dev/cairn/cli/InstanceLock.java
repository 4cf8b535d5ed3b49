package dev.cairn.cli;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * flock(2) on {@code <state>/lock}, for tools that ask by flock whether a daemon is there. The
 * store has an fcntl lock on the same file, which flock does not see; the kernel drops that one
 * when any descriptor of the file is closed, so this is taken before the store opens and released
 * after it is closed.
 */
final class InstanceLock implements Closeable {
  private final int descriptor;

  private InstanceLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes the lock; makes file and folder if they are missing.
   *
   * @throws CommandException if somebody has it
   */
  static InstanceLock take(Path state) throws CommandException, IOException {
    Path file = state.resolve("lock");
    if (!Files.isDirectory(state)) {
      Path parent = state.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(
          state,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    }
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    } catch (FileAlreadyExistsException e) {
      // Somebody was here before; whether he still is, the lock will tell.
    }
    int descriptor = open(file);
    try {
      LibC.flock(descriptor, LibC.LOCK_EX | LibC.LOCK_NB);
      return new InstanceLock(descriptor);
    } catch (LastErrorException e) {
      LibC.close(descriptor);
      if (e.getErrorCode() != LibC.EWOULDBLOCK) {
        throw new IOException(file + ": flock: " + e.getMessage(), e);
      }
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          state
              + ": another Cairn has this state folder open: stop it, or give this one another"
              + " --state",
          e);
    }
  }

  private static int open(Path file) throws IOException {
    try {
      return LibC.open(file.toString(), LibC.O_RDWR | LibC.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    LibC.close(descriptor);
  }

  /** Loads JNA when it is first used, not when this class is. */
  private static final class LibC {
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;
    static final int EWOULDBLOCK = 11;

    static {
      Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int open(String path, int flags) throws LastErrorException;

    static native int flock(int descriptor, int operation) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;
  }
}
