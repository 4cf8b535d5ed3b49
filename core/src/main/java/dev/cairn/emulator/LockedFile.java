package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that one process has open, and in that process one holder. The kernel's record lock keeps
 * other processes out; it would be dropped if this process opened and closed the file once more, so
 * that a set of open paths keeps this process out before it gets there.
 */
final class LockedFile implements AutoCloseable {
  private static final String ONE_AT_A_TIME =
      "is in use; stop the other user of these registers, or give another path";

  private static final Set<Path> OPEN = new HashSet<>(); // guarded by itself

  private final Path path;
  private final Path realPath;
  private final FileChannel channel;

  private LockedFile(Path path, Path realPath, FileChannel channel) {
    this.path = path;
    this.realPath = realPath;
    this.channel = channel;
  }

  static LockedFile open(Path path, boolean create) throws BackendException {
    try {
      Path realPath = realPath(path);
      synchronized (OPEN) {
        if (!OPEN.add(realPath)) {
          throw refusal(path, ONE_AT_A_TIME, null);
        }
      }
      try {
        return new LockedFile(path, realPath, openLocked(path, create));
      } catch (IOException | BackendException | RuntimeException e) {
        forget(realPath);
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw refusal(
          path, create ? "cannot be made: its directory is not there" : "is not there", null);
    } catch (AccessDeniedException e) {
      throw refusal(path, "may not be read and written by this user; change its owner", null);
    } catch (IOException e) {
      throw refusal(path, "cannot be opened", e);
    }
  }

  private static FileChannel openLocked(Path path, boolean create)
      throws IOException, BackendException {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    if (create) {
      options.add(StandardOpenOption.CREATE);
    }
    FileChannel channel = FileChannel.open(path, options, modeOfNewFiles(path));
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw refusal(path, ONE_AT_A_TIME, null);
      }
      return channel;
    } catch (IOException | BackendException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static FileAttribute<?>[] modeOfNewFiles(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
        }
        : new FileAttribute<?>[0];
  }

  /** Of the file or, where there is none yet, of its place. */
  private static Path realPath(Path path) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    Path absolute = path.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    return parent == null ? absolute : parent.toRealPath().resolve(absolute.getFileName());
  }

  Path path() {
    return path;
  }

  long size() throws BackendException {
    try {
      return channel.size();
    } catch (IOException e) {
      throw refusal("cannot be read", e);
    }
  }

  /** Returns {@code length} bytes from {@code offset} on, or fewer at the end of the file. */
  byte[] read(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {}
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  void write(long offset, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes, offset + bytes.position());
    }
  }

  /** Maps all of it. The mapping outlives {@link #close()}: its user has to stop. */
  MappedByteBuffer map() throws BackendException {
    try {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    } catch (IOException e) {
      throw refusal("cannot be mapped; give a path on a local file system", e);
    }
  }

  /** Makes the exception that says why this file is of no use. */
  BackendException refusal(String why) {
    return refusal(path, why, null);
  }

  /** Makes the exception that says why this file is of no use. */
  BackendException refusal(String why, IOException cause) {
    return refusal(path, why, cause);
  }

  private static BackendException refusal(Path path, String why, @Nullable IOException cause) {
    return new BackendException(
        null, Outcome.NOT_EXECUTED, "open", "register file " + path + " " + why, cause);
  }

  @Override
  public void close() throws BackendException {
    try {
      channel.close();
    } catch (IOException e) {
      throw refusal("cannot be closed", e);
    } finally {
      forget(realPath);
    }
  }

  /** Closes because of {@code reason}, which is what the caller will throw. */
  void closeAfter(Exception reason) {
    try {
      close();
    } catch (BackendException e) {
      reason.addSuppressed(e);
    }
  }

  private static void forget(Path realPath) {
    synchronized (OPEN) {
      OPEN.remove(realPath);
    }
  }
}
