package dev.cairn.http;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Gives an answer piece by piece. One thread at a time, any thread; reads files. */
interface ChunkSource extends AutoCloseable {
  /** How large a piece is about. */
  int CHUNK_BYTES = 64 * 1024;

  /** Returns the next piece, or null at the end. */
  @Nullable Buffer next() throws IOException;

  @Override
  void close() throws IOException;
}
