package dev.cairn.http;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pieces of a stream. */
final class StreamChunks implements ChunkSource {
  private static final Logger LOG = LoggerFactory.getLogger(StreamChunks.class);

  private final InputStream in;

  StreamChunks(InputStream in) {
    this.in = in;
  }

  @Override
  public @Nullable Buffer next() throws IOException {
    byte[] chunk = in.readNBytes(CHUNK_BYTES);
    return chunk.length == 0 ? null : Buffer.buffer(chunk);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Closes it when the answer is over: whoever read it can do nothing about a failure. */
  void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      LOG.warn("what was sent could not be closed", e);
    }
  }
}
