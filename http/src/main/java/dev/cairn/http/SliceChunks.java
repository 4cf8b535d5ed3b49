package dev.cairn.http;

import dev.cairn.service.LogSlice;
import io.vertx.core.buffer.Buffer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of several files in turn: one file goes by sendfile, several cannot. */
final class SliceChunks implements ChunkSource {
  private final Iterator<LogSlice> slices;
  private @Nullable LogSlice current;
  private long offset;
  private long left;

  SliceChunks(List<LogSlice> slices) {
    this.slices = slices.iterator();
  }

  @Override
  public @Nullable Buffer next() throws IOException {
    LogSlice slice = current;
    if (slice == null || left == 0) {
      if (!slices.hasNext()) {
        return null;
      }
      slice = slices.next();
      current = slice;
      offset = slice.offset();
      left = slice.length();
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(4 * CHUNK_BYTES, left));
    while (bytes.hasRemaining()) {
      int read = slice.channel().read(bytes, offset + bytes.position());
      if (read < 0) {
        throw new EOFException(
            "a segment ends at byte %d, before its committed end"
                .formatted(offset + bytes.position()));
      }
    }
    offset += bytes.capacity();
    left -= bytes.capacity();
    return Buffer.buffer(bytes.array());
  }

  @Override
  public void close() {
    // the channels are the snapshot's
  }
}
