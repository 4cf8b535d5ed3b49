package dev.cairn.store;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.cel.CelTlv;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes behind the last whole record: the beginning of a batch whose write did not finish. Nothing
 * of it was extended, and nobody was answered for it.
 *
 * @param offset where they begin in the whole log
 * @param bytes how many
 * @param reason why they are no record
 */
public record TornTail(long offset, long bytes, String reason) {
  private static final int HEAD_BYTES = 5;

  /** A recnum as Cairn writes it begins like this: type 0, length 8. */
  private static final byte[] RECORD_HEAD = {0, 0, 0, 0, 8};

  /** Looks for a record behind the first torn byte. */
  void refuseIfRecordsFollow(LogView whole) throws IOException {
    Segment segment = whole.segments().get(whole.segments().size() - 1);
    LogView all =
        new LogView(
            whole.channels(),
            whole.limits(),
            whole.segments(),
            Long.MAX_VALUE,
            offset + bytes,
            whole.indexedPosition());
    long end = offset + bytes;
    byte[] window = new byte[SegmentStream.RUN_BYTES];
    try (ChannelPool.Lease log = whole.channels().acquire(segment.log())) {
      long at = offset + 1;
      while (end - at >= HEAD_BYTES) {
        ByteBuffer run = ByteBuffer.wrap(window, 0, (int) Math.min(window.length, end - at));
        LogView.readFully(log.channel(), run, at - segment.baseOffset());
        int searched = run.position() - HEAD_BYTES + 1;
        for (int i = 0; i < searched; i++) {
          if (startsRecord(window, i) && isRecord(all, segment, at + i)) {
            throw LogView.damage(
                segment,
                offset,
                "%s; but a whole record follows at byte %d, and there is no index to say that it was not confirmed"
                    .formatted(reason, at + i - segment.baseOffset()));
          }
        }
        at += Math.max(searched, 1);
      }
    }
  }

  private static boolean startsRecord(byte[] window, int at) {
    for (int i = 0; i < RECORD_HEAD.length; i++) {
      if (window[at + i] != RECORD_HEAD[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isRecord(LogView all, Segment segment, long at) throws IOException {
    PlainStream stream = new PlainStream(all, segment, at, all.endOffset());
    try (EventReader reader = CelTlv.reader(stream, all.limits())) {
      return reader.next() != null;
    } catch (MalformedLogException e) {
      return false; // looked like the beginning of one only
    }
  }
}
