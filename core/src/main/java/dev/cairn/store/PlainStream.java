package dev.cairn.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes of a segment as they are on disk, up to a given end or the end of the file. */
final class PlainStream extends SegmentStream {
  private final ChannelPool.Lease log;
  private final Segment segment;
  private final long endOffset;
  private final byte[] run = new byte[RUN_BYTES];
  private long offset;

  PlainStream(LogView view, Segment segment, long offset, long endOffset) throws IOException {
    this.log = view.channels().acquire(segment.log());
    this.segment = segment;
    this.offset = offset;
    this.endOffset = endOffset;
  }

  @Override
  long endOffset() {
    return endOffset;
  }

  @Override
  boolean fill() throws IOException {
    int wanted = (int) Math.min(run.length, endOffset - offset);
    if (wanted == 0) {
      return false;
    }
    ByteBuffer target = ByteBuffer.wrap(run, 0, wanted);
    LogView.readFully(log.channel(), target, offset - segment.baseOffset());
    offset += target.position();
    provide(run, target.position());
    return target.position() > 0;
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
