package dev.cairn.cli;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private final Descriptor file;

  private InstanceLock(Descriptor file) {
    this.file = file;
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
    Descriptor descriptor = Descriptor.open(file, Descriptor.O_RDWR);
    try {
      descriptor.lock(Descriptor.LOCK_EX | Descriptor.LOCK_NB);
      return new InstanceLock(descriptor);
    } catch (ErrnoException e) {
      descriptor.close();
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
      throw new CommandException(
          ExitStatus.UNAVAILABLE,
          state
              + ": another Cairn has this state folder open: stop it, or give this one another"
              + " --state",
          e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (ErrnoException e) {
      throw new UncheckedIOException(e); // close(2) of a file that nobody wrote to: a defect
    }
  }
}
