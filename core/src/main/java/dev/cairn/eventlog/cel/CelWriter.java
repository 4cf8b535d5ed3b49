package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Management;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records that an encoder encodes, in a frame. A record is encoded whole before a byte
 * of it goes anywhere, so a refused one leaves no trace.
 */
final class CelWriter implements EventWriter {
  /** Turns one record into bytes. */
  interface Encoder {
    void encode(EventRecord record, ByteBuilder out) throws IOException;

    /** Returns the digests of a cel_version record that comes before {@code first}. */
    DigestSet versionDigests(EventRecord first);
  }

  /**
   * What stands around the records.
   *
   * @param promised how many records the head of a CBOR array says, or -1
   */
  record Frame(
      String open, String before, String between, String after, String close, long promised) {
    static final Frame NONE = new Frame("", "", "", "", "", -1);
    static final Frame JSON_ARRAY = new Frame("[", "", ",", "", "]", -1);

    /** Of RFC 7464. */
    static final Frame JSON_SEQUENCE = new Frame("", "\u001e", "", "\n", "", -1);

    static Frame cborArray(long promised) {
      return new Frame("", "", "", "", "", promised);
    }

    byte[] head(boolean versionAdded) {
      return promised < 0 ? bytes(open) : CborOutput.arrayHead(promised + (versionAdded ? 1 : 0));
    }

    static byte[] bytes(String text) {
      return text.getBytes(US_ASCII);
    }
  }

  private static final int FLUSH_AT = 1 << 14;

  private final OutputStream out;
  private final Encoder encoder;
  private final Frame frame;
  private final boolean versionFirst;
  private final ByteBuilder scratch = new ByteBuilder(1 << 10);
  private final ByteBuilder pending = new ByteBuilder(FLUSH_AT);
  private long written;
  private @Nullable RegisterId shifted; // its records come one later, for cel_version took a number
  private boolean closed;

  CelWriter(OutputStream out, Encoder encoder, Frame frame, boolean versionFirst) {
    this.out = out;
    this.encoder = encoder;
    this.frame = frame;
    this.versionFirst = versionFirst;
  }

  @Override
  public void write(EventRecord record) throws IOException {
    if (written == frame.promised()) {
      throw new IllegalStateException(
          frame.promised() + " records were promised, this is one more");
    }
    scratch.reset();
    boolean first = written == 0;
    boolean addVersion =
        first && versionFirst && !(record.content() instanceof Management.CelVersion);
    RegisterId shift = addVersion ? record.register() : shifted;
    if (first) {
      scratch.write(frame.head(addVersion));
    }
    if (addVersion) {
      frameOne(version(record), true);
    }
    frameOne(record.register().equals(shift) ? shift(record) : record, first && !addVersion);
    shifted = shift;
    written++;
    scratch.writeTo(pending);
    if (pending.size() > FLUSH_AT) {
      drain();
    }
  }

  private void frameOne(EventRecord record, boolean first) throws IOException {
    scratch.write(Frame.bytes(first ? frame.before() : frame.between() + frame.before()));
    encoder.encode(record, scratch);
    scratch.write(Frame.bytes(frame.after()));
  }

  private EventRecord version(EventRecord first) {
    return new EventRecord(
        first.recnum(),
        first.register(),
        encoder.versionDigests(first),
        new Management.CelVersion(ContentTypes.CEL_MAJOR, ContentTypes.CEL_MINOR));
  }

  private static EventRecord shift(EventRecord record) {
    return new EventRecord(
        record.recnum() + 1,
        record.register(),
        record.digests(),
        record.unknownDigests(),
        record.content());
  }

  private void drain() throws IOException {
    pending.writeTo(out);
    pending.reset();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      if (written == 0) {
        pending.write(frame.head(false));
      }
      pending.write(Frame.bytes(frame.close()));
      drain();
      out.flush();
      if (written < frame.promised()) {
        throw new IllegalStateException(
            "%d records were promised, %d written".formatted(frame.promised(), written));
      }
    }
  }
}
