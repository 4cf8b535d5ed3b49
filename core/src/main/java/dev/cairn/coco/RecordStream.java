package dev.cairn.coco;

import java.io.IOException;
import java.io.InputStream;

/** Part of a {@link RecordFile}, read in whatever pieces are asked for. */
final class RecordStream extends InputStream {
  private final RecordFile records;
  private final long end;
  private long position;

  RecordStream(RecordFile records, long from, long to) {
    this.records = records;
    this.position = from;
    this.end = to;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0; // InputStream asks for nothing when its buffer is full
    }
    if (position >= end) {
      return -1;
    }
    int count = records.read(position, target, offset, (int) Math.min(length, end - position));
    position += count;
    return count;
  }
}
