package dev.cairn.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second instance out: an exclusive fcntl lock on {@code lock}, which holds the owner's
 * process id for people. The kernel drops it when the process ends, however it ends.
 */
final class StoreLock implements Closeable {
  /**
   * Files locked by this process. The kernel drops an fcntl lock when <em>any</em> descriptor of
   * the file is closed, so a second attempt must not even open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private StoreLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws IOException if another instance has it
   */
  static StoreLock take(Disk disk, Path path) throws IOException {
    if (!Files.exists(path)) {
      disk.create(path).close();
    }
    Path file = path.toRealPath();
    if (!HELD.add(file)) {
      throw taken(file, "this process");
    }
    boolean done = false;
    try {
      FileChannel channel = FileChannel.open(file, READ, WRITE);
      try {
        FileLock lock = tryLock(channel);
        if (lock == null) {
          throw taken(file, "process " + owner(channel));
        }
        channel.truncate(0);
        channel.write(
            ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(US_ASCII)), 0);
        done = true;
        return new StoreLock(file, channel);
      } finally {
        if (!done) {
          channel.close();
        }
      }
    } finally {
      if (!done) {
        HELD.remove(file);
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    LogView.readFully(channel, text, 0);
    return new String(text.array(), 0, text.position(), US_ASCII).strip();
  }

  private static IOException taken(Path file, String owner) {
    return new IOException(
        "%s: locked by %s: one state directory serves one Cairn; stop the other one or configure another directory"
            .formatted(file, owner));
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(file);
    }
  }
}
