package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Collects records and passes them on when its buffer is full. */
final class CelTlvWriter implements EventWriter {
  private static final int BUFFER = 1 << 14;

  private final OutputStream out;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  CelTlvWriter(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(EventRecord record) throws IOException {
    int length = CelTlvEncoder.length(record);
    if (length > buffer.remaining()) {
      drain();
    }
    if (length <= buffer.remaining()) {
      CelTlvEncoder.encode(record, buffer);
    } else {
      ByteBuffer large = ByteBuffer.allocate(length);
      CelTlvEncoder.encode(record, large);
      out.write(large.array());
    }
  }

  private void drain() throws IOException {
    out.write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }

  @Override
  public void close() throws IOException {
    drain();
    out.flush();
  }
}
