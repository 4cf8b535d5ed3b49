package dev.cairn.eventlog.tcg;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the layout in {@link Tcg2}. */
final class Tcg2Writer implements EventWriter {
  private static final long ALL_ONES = 0xFFFF_FFFFL;
  private static final int CCEL_HEADER_INDEX = 1;

  /** What the header fixes for all records behind it. */
  private record Header(SpecIdEvent event, RegisterId.Kind kind) {}

  private final OutputStream out;
  private final Tcg2Options options;
  private @Nullable Header header;
  private boolean closed;

  Tcg2Writer(OutputStream out, Tcg2Options options) {
    this.out = out;
    this.options = options;
  }

  @Override
  public void write(EventRecord record) throws IOException {
    PcClientEvent event = requireRepresentable(record);
    if (header != null) {
      out.write(encode(record, event, header));
      return;
    }
    if (SpecIdEvent.isIn(event)) {
      Header found = new Header(parse(record, event), record.register().kind());
      out.write(encodeHeader(record.register().index(), onlySha1(record), event));
      header = found;
      return;
    }
    List<HashAlgorithm> banks =
        options.banks().isEmpty() ? record.digests().banks() : options.banks();
    Header made = new Header(SpecIdEvent.of(banks), record.register().kind());
    byte[] first = encode(record, event, made);
    out.write(encodeHeader(made));
    out.write(first);
    header = made;
  }

  private static PcClientEvent requireRepresentable(EventRecord record)
      throws UnrepresentableRecordException {
    if (!(record.content() instanceof PcClientEvent event)) {
      throw refused(
          record,
          "content %s has no form there; write the log in a CEL format, or leave such records out"
              .formatted(record.content().getClass().getSimpleName()));
    }
    if (record.register().kind() == RegisterId.Kind.NV) {
      throw refused(record, "NV indices have no form there; write the log in a CEL format");
    }
    return event;
  }

  private static SpecIdEvent parse(EventRecord record, PcClientEvent event)
      throws UnrepresentableRecordException {
    try {
      return SpecIdEvent.parse(event.data());
    } catch (IllegalArgumentException e) {
      throw refused(record, "damaged header: " + e.getMessage());
    }
  }

  private static Bytes onlySha1(EventRecord record) throws UnrepresentableRecordException {
    Digest digest = record.digests().find(HashAlgorithm.SHA1);
    if (digest == null || record.digests().size() != 1 || !record.unknownDigests().isEmpty()) {
      throw refused(record, "a header record has exactly one digest, of sha1");
    }
    return digest.value();
  }

  private byte[] encodeHeader(Header made) {
    int index = made.kind == RegisterId.Kind.CCMR ? CCEL_HEADER_INDEX : 0;
    Bytes digest = Bytes.filled(HashAlgorithm.SHA1.sizeBytes(), 0);
    return encodeHeader(
        index, digest, new PcClientEvent(EventTypes.EV_NO_ACTION, made.event.encode()));
  }

  private static byte[] encodeHeader(long index, Bytes digest, PcClientEvent event) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Tcg2.HEADER_HEAD + event.data().length())
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt((int) index).putInt((int) event.claimedEventType());
    digest.copyTo(buffer);
    buffer.putInt(event.data().length());
    event.data().copyTo(buffer);
    return buffer.array();
  }

  private static byte[] encode(EventRecord record, PcClientEvent event, Header header)
      throws UnrepresentableRecordException {
    int count = record.digests().size() + record.unknownDigests().size();
    requireNoEnd(record, event, count);
    if (record.register().kind() != header.kind) {
      throw refused(
          record,
          "the log began with a %s; write one log per kind of register".formatted(header.kind));
    }
    requireDeclared(record, header.event);
    ByteBuffer buffer = ByteBuffer.allocate(size(record, event)).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt((int) record.register().index());
    buffer.putInt((int) event.claimedEventType());
    buffer.putInt(count);
    for (SpecIdEvent.Algorithm algorithm : header.event.algorithms()) {
      putDigest(record, algorithm.id(), buffer);
    }
    buffer.putInt(event.data().length());
    event.data().copyTo(buffer);
    return buffer.array();
  }

  /** Two records would be read as the end of the log. */
  private static void requireNoEnd(EventRecord record, PcClientEvent event, int digests)
      throws UnrepresentableRecordException {
    long index = record.register().index();
    long type = event.claimedEventType();
    if (index == ALL_ONES && type == ALL_ONES) {
      throw refused(record, "index and event type 0xFFFFFFFF are the end mark there");
    }
    if (index == 0 && type == 0 && digests == 0 && event.data().isEmpty()) {
      throw refused(record, "a record without digests and data is padding there");
    }
  }

  private static int size(EventRecord record, PcClientEvent event) {
    int size = Tcg2.RECORD_HEAD + Integer.BYTES + event.data().length();
    for (Digest digest : record.digests()) {
      size += Short.BYTES + digest.value().length();
    }
    for (UnknownDigest digest : record.unknownDigests()) {
      size += Short.BYTES + digest.value().length();
    }
    return size;
  }

  private static void requireDeclared(EventRecord record, SpecIdEvent header)
      throws UnrepresentableRecordException {
    DigestSet digests = record.digests();
    for (Digest digest : digests) {
      if (header.sizeOf(digest.algorithm().tpmId()).isEmpty()) {
        throw refused(
            record,
            "a digest of %s, which the header does not declare; name all banks of the log"
                .formatted(digest.algorithm().bank()));
      }
    }
    for (UnknownDigest digest : record.unknownDigests()) {
      if (header.sizeOf(digest.algorithmId()).orElse(-1) != digest.value().length()) {
        throw refused(
            record,
            "a digest of algorithm 0x%04X with %d bytes, which the header does not declare so"
                .formatted(digest.algorithmId(), digest.value().length()));
      }
    }
  }

  private static void putDigest(EventRecord record, int algorithmId, ByteBuffer buffer) {
    for (Digest digest : record.digests()) {
      if (digest.algorithm().tpmId() == algorithmId) {
        buffer.putShort((short) algorithmId);
        digest.value().copyTo(buffer);
      }
    }
    for (UnknownDigest digest : record.unknownDigests()) {
      if (digest.algorithmId() == algorithmId) {
        buffer.putShort((short) algorithmId);
        digest.value().copyTo(buffer);
      }
    }
  }

  private static UnrepresentableRecordException refused(EventRecord record, String reason) {
    return new UnrepresentableRecordException(LogFormat.TCG2, record, reason);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (header == null && !options.banks().isEmpty()) {
      header = new Header(SpecIdEvent.of(options.banks()), options.emptyLogKind());
      out.write(encodeHeader(header));
    }
    if (header != null && options.endMark()) {
      Bytes.filled(Tcg2.END_MARK, 0xFF).writeTo(out);
    }
    out.flush();
  }
}
