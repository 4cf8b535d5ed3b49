package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that grows by durable pieces. Whatever fails, either it is durably as before, or it is
 * never written again. One thread.
 */
final class DurableFile implements Closeable {
  private final Path path;
  private final Disk.WritableFile file;
  private long length;
  private @Nullable StorageException failure;

  /** Goes on behind byte {@code length}, where the file ends. */
  DurableFile(Path path, Disk.WritableFile file, long length) {
    this.path = path;
    this.file = file;
    this.length = length;
  }

  Path path() {
    return path;
  }

  long length() {
    return length;
  }

  /** Refuses if an earlier failure was final. */
  void requireWritable() throws StorageException {
    if (failure != null) {
      throw StorageException.refused(path, failure);
    }
  }

  /** Writes {@code bytes} behind the last byte, durably, with one write and one fdatasync. */
  void append(ByteBuffer bytes) throws StorageException {
    requireWritable();
    int count = bytes.remaining();
    try {
      Disk.writeFully(file, bytes, length);
    } catch (IOException e) {
      throw cutBack(count, e);
    }
    try {
      file.sync();
    } catch (IOException e) {
      throw failed("%d bytes from byte %d on cannot be made durable".formatted(count, length), e);
    }
    length += count;
  }

  private StorageException cutBack(int count, IOException cause) {
    String what = "%d bytes cannot be written at byte %d".formatted(count, length);
    try {
      file.truncate(length);
      file.sync();
    } catch (IOException e) {
      cause.addSuppressed(e);
      return failed(what + ", nor what was written be cut", cause);
    }
    return StorageException.recovered(path, what + "; nothing of it is left", cause);
  }

  /** Cuts to {@code kept} bytes, durably. */
  void cut(long kept) throws StorageException {
    requireWritable();
    try {
      file.truncate(kept);
      file.sync();
    } catch (IOException e) {
      throw failed("cannot be cut at byte " + kept, e);
    }
    length = kept;
  }

  private StorageException failed(String what, IOException cause) {
    StorageException e = StorageException.last(path, what, cause);
    failure = e;
    return e;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
