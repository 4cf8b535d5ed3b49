package dev.cairn.eventlog.format;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.cel.CelCborSeq;
import dev.cairn.eventlog.cel.CelOptions;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;

/**
 * A CBOR array of records that nobody has counted. Its length comes first, so the records wait in a
 * temporary file, as the sequence that they are in the array as well.
 */
final class SpooledCborArray implements EventWriter {
  private static final int ARRAY = 4 << 5;
  private static final int ONE_BYTE = 24; // then 25, 26, 27 for two, four and eight bytes

  private final OutputStream out;
  private final boolean versionFirst;
  private final FileChannel file; // has no name any longer: a crash leaves nothing behind
  private final OutputStream spool;
  private final EventWriter sequence;
  private long items;
  private boolean closed;

  SpooledCborArray(OutputStream out, CelOptions options) throws IOException {
    this.out = out;
    this.versionFirst = options.versionFirst();
    this.file =
        FileChannel.open(Files.createTempFile("cairn-", ".cbor-seq"), READ, WRITE, DELETE_ON_CLOSE);
    this.spool = new BufferedOutputStream(Channels.newOutputStream(file));
    this.sequence = CelCborSeq.writer(spool, options);
  }

  @Override
  public void write(EventRecord record) throws IOException {
    sequence.write(record);
    boolean versionAdded =
        items == 0 && versionFirst && !(record.content() instanceof Management.CelVersion);
    items += versionAdded ? 2 : 1;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (file) {
      sequence.close();
      spool.flush();
      out.write(head(items));
      Channels.newInputStream(file.position(0)).transferTo(out);
      out.flush();
    }
  }

  /** The shortest head, as RFC 8949 §4.2.1 wants it. */
  static byte[] head(long items) {
    if (items < ONE_BYTE) {
      return new byte[] {(byte) (ARRAY | items)};
    }
    int power = 0;
    while (power < 3 && items >>> (8 << power) != 0) {
      power++;
    }
    byte[] head = new byte[1 + (1 << power)];
    head[0] = (byte) (ARRAY | (ONE_BYTE + power));
    for (int i = 1; i < head.length; i++) {
      head[i] = (byte) (items >>> (Byte.SIZE * (head.length - 1 - i)));
    }
    return head;
  }
}
