package dev.cairn.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Every call of the store that changes a file or makes a change durable. The seam where tests put
 * faults; reading does not pass through here.
 */
interface Disk {
  /**
   * Makes {@code directory} with mode 0750 and the store's group.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it is there
   */
  void createDirectory(Path directory) throws IOException;

  /**
   * Makes {@code file} with mode 0640 and the store's group, empty.
   *
   * @throws java.nio.file.FileAlreadyExistsException if it is there
   */
  WritableFile create(Path file) throws IOException;

  /** Opens {@code file}, which is there, for writing. */
  WritableFile open(Path file) throws IOException;

  /** Renames in one step; {@code to} may be there and is then replaced. */
  void replace(Path from, Path to) throws IOException;

  /** Removes {@code file} if it is there. */
  void delete(Path file) throws IOException;

  /** Makes the names in {@code directory} durable. */
  void syncDirectory(Path directory) throws IOException;

  /** A file that the store writes. One thread. */
  interface WritableFile extends Closeable {
    /**
     * Writes {@code bytes} at {@code offset} with one system call.
     *
     * @return how many bytes were taken; fewer than given is legal
     */
    int write(ByteBuffer bytes, long offset) throws IOException;

    /** Cuts to {@code length}; not durable before {@link #sync()}. */
    void truncate(long length) throws IOException;

    /** Makes data and length durable (fdatasync). A failure is final for what was written. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Writes all of {@code bytes}, in one call unless the system takes less at a time. */
  static void writeFully(WritableFile file, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      int written = file.write(bytes, at);
      if (written <= 0) {
        throw new IOException(
            "write at offset %d took none of %d bytes".formatted(at, bytes.remaining()));
      }
      at += written;
    }
  }
}
