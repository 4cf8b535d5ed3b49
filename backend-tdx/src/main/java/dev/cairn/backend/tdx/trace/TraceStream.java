package dev.cairn.backend.tdx.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The extends in the text of a trace, as CEL-TLV. Each is an EV_COMPACT_HASH, whose digest its
 * caller gives, with the kernel's line as its data. Memory is bounded by one line.
 */
final class TraceStream extends InputStream {
  /** "The digest is given by the caller; the event data are informational": PFP 1.06, Table 27. */
  private static final long EV_COMPACT_HASH = 0x0C;

  private final TraceLines lines;
  private final Map<RegisterId, Long> recnums = new HashMap<>();
  private ByteBuffer encoded = ByteBuffer.allocate(0);

  /** Makes one of {@code trace}, which becomes its own. */
  TraceStream(InputStream trace) {
    this.lines = new TraceLines(trace);
  }

  @Override
  public int read() throws IOException {
    return fill() ? encoded.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, encoded.remaining());
    encoded.get(into, from, count);
    return count;
  }

  private boolean fill() throws IOException {
    while (!encoded.hasRemaining()) {
      TraceLine line = lines.next();
      if (line == null) {
        return false;
      }
      Optional<TraceLine.Extend> extend = line.extend();
      if (extend.isPresent()) {
        encode(extend.get(), line.line());
      }
    }
    return true;
  }

  private void encode(TraceLine.Extend extend, String line) throws UnrepresentableRecordException {
    long recnum = recnums.merge(extend.register(), 1L, Long::sum) - 1;
    EventRecord record =
        new EventRecord(
            recnum,
            extend.register(),
            DigestSet.of(extend.digest()),
            new PcClientEvent(EV_COMPACT_HASH, Bytes.owning(line.getBytes(ISO_8859_1))));
    encoded = ByteBuffer.allocate(CelTlv.encodedLength(record));
    CelTlv.encode(record, encoded);
    encoded.flip();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
