package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The data of an EV_EVENT_TAG: u32le tag, u32le length, payload.
 *
 * @param tag a u32
 * @param payload as long as the length says
 * @see "TCG PC Client Platform Firmware Profile 1.06, TCG_PCClientTaggedEvent"
 */
public record TaggedEvent(long tag, Bytes payload) {
  private static final int HEAD = Integer.BYTES + Integer.BYTES;

  /** Returns the event data. */
  public Bytes encode() {
    ByteBuffer buffer = ByteBuffer.allocate(HEAD + payload.length()).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt((int) tag).putInt(payload.length());
    payload.copyTo(buffer);
    return Bytes.owning(buffer.array());
  }

  /**
   * Parses event data. Nothing if the length does not fit: an EV_EVENT_TAG without this head is
   * legal and occurs.
   */
  public static Optional<TaggedEvent> parse(Bytes data) {
    if (data.length() < HEAD) {
      return Optional.empty();
    }
    ByteBuffer buffer = data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long tag = Integer.toUnsignedLong(buffer.getInt());
    long length = Integer.toUnsignedLong(buffer.getInt());
    if (length != data.length() - HEAD) {
      return Optional.empty();
    }
    return Optional.of(new TaggedEvent(tag, data.slice(HEAD, data.length())));
  }
}
