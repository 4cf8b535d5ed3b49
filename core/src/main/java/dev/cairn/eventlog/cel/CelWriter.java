package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.Management;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayOutputStream;
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
    void encode(EventRecord record, ByteArrayOutputStream out) throws IOException;

    /** Returns the digests of a cel_version record that comes before {@code first}. */
    DigestSet versionDigests(EventRecord first);
  }

  /** What stands around the records. */
  interface Frame {
    /** Returns what comes before the first record of a log. */
    byte[] open(boolean versionAdded, boolean empty);

    byte[] before(boolean first);

    byte[] after();

    byte[] close(long written);
  }

  private static final int FLUSH_AT = 1 << 14;

  private final OutputStream out;
  private final Encoder encoder;
  private final Frame frame;
  private final boolean versionFirst;
  private final ByteArrayOutputStream scratch = new ByteArrayOutputStream();
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
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
    scratch.reset();
    boolean first = written == 0;
    boolean addVersion =
        first && versionFirst && !(record.content() instanceof Management.CelVersion);
    RegisterId shift = addVersion ? record.register() : shifted;
    if (first) {
      scratch.writeBytes(frame.open(addVersion, false));
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
    scratch.writeBytes(frame.before(first));
    encoder.encode(record, scratch);
    scratch.writeBytes(frame.after());
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
        pending.writeBytes(frame.open(false, true));
      }
      pending.writeBytes(frame.close(written));
      drain();
      out.flush();
    }
  }
}
