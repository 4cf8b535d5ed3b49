package dev.cairn.http;

import dev.cairn.service.LogSlice;
import dev.cairn.service.LogSnapshot;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The first bytes of the committed log as a stream; closes the snapshot that they are of. */
final class SliceStream extends InputStream {
  private final LogSnapshot snapshot;
  private final Iterator<LogSlice> slices;
  private @Nullable LogSlice current;
  private long offset;
  private long left;

  private SliceStream(LogSnapshot snapshot, Iterator<LogSlice> slices) {
    this.snapshot = snapshot;
    this.slices = slices;
  }

  /**
   * Opens bytes 0 to {@code end}, exclusive, of {@code snapshot}; takes it over, also if this
   * fails.
   *
   * @throws IOException if a file is missing or too short
   */
  static SliceStream open(LogSnapshot snapshot, long end) throws IOException {
    try {
      return new SliceStream(snapshot, snapshot.slices(0, end).iterator());
    } catch (IOException | RuntimeException e) {
      try (snapshot) {
        throw e;
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int at, int length) throws IOException {
    Objects.checkFromIndexSize(at, length, target.length);
    if (length == 0) {
      return 0;
    }
    LogSlice slice = current;
    while (slice == null || left == 0) {
      if (!slices.hasNext()) {
        return -1;
      }
      slice = slices.next();
      current = slice;
      offset = slice.offset();
      left = slice.length();
    }
    ByteBuffer bytes = ByteBuffer.wrap(target, at, (int) Math.min(length, left));
    int read = slice.channel().read(bytes, offset);
    if (read < 0) {
      throw new EOFException(
          "a segment ends at byte %d, before its committed end".formatted(offset));
    }
    offset += read;
    left -= read;
    return read;
  }

  @Override
  public void close() throws IOException {
    snapshot.close();
  }
}
