package dev.cairn.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.ForeignLog;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;

/**
 * An extend that somebody else made, taken over from that keeper's log: an EV_EVENT_TAG with a tag
 * of Cairn's own, so that every format carries it. The digests of its record are those that were
 * extended; which bytes they cover is up to the keeper, and never these event data.
 *
 * <pre>
 * offset  size  (little-endian)
 *      0     4  u32 tag, on disk "CFRN"
 *      4     4  u32 length of the rest
 *      8     1  u8 version = 1
 *      9     1  u8 keeper: 1 firmware, 2 IMA, 3 systemd, 4 kernel trace
 *     10     8  u64 place of the record among those of its register in the keeper's log, from 0
 *     18     1  u8 type of the content as in CEL-TLV, 0 for one that is not kept
 *     19     …  5 pcclient_std: u32 event type, event data
 *               7 ima_template: u8 length of the template's name, name, template data
 *               9 systemd: the text
 * </pre>
 *
 * @param keeper whose log has it
 * @param place where among the records of the same register, from 0
 * @param content what the keeper says has happened; nothing where it does not fit into this layout
 */
public record ForeignEvent(ForeignLog.Origin keeper, long place, Optional<EventContent> content) {
  /** "NRFC" read as a big-endian number. */
  public static final long TAG = 0x4E52_4643L;

  private static final List<ForeignLog.Origin> KEEPERS =
      List.of(
          ForeignLog.Origin.FIRMWARE,
          ForeignLog.Origin.IMA,
          ForeignLog.Origin.SYSTEMD,
          ForeignLog.Origin.KERNEL_TRACE);
  private static final int VERSION = 1;
  private static final int HEAD = 3 * Byte.BYTES + Long.BYTES;
  private static final int TAG_HEAD = Integer.BYTES + Integer.BYTES;
  private static final int NOT_KEPT = 0;
  private static final int PCCLIENT_STD = 5;
  private static final int IMA_TEMPLATE = 7;
  private static final int SYSTEMD = 9;
  private static final int MAX_NAME = 0xFF;

  /**
   * Checks place and content.
   *
   * @throws IllegalArgumentException if the place is negative, or the content one that is not kept
   */
  public ForeignEvent {
    if (place < 0) {
      throw new IllegalArgumentException("place " + place + ": needs at least 0");
    }
    if (content.isPresent() && !isKept(content.get())) {
      throw new IllegalArgumentException("content that is not kept: " + content.get());
    }
  }

  /**
   * Makes the event of a record in a foreign log.
   *
   * @param content is left out where the layout has no place for it, or where the event data would
   *     have more than {@code maxBytes}
   */
  public static ForeignEvent of(
      ForeignLog.Origin keeper, long place, EventContent content, int maxBytes) {
    if (isKept(content)) {
      ForeignEvent whole = new ForeignEvent(keeper, place, Optional.of(content));
      if (TAG_HEAD + HEAD + whole.contentBytes().length() <= maxBytes) {
        return whole;
      }
    }
    return new ForeignEvent(keeper, place, Optional.empty());
  }

  private static boolean isKept(EventContent content) {
    return (content instanceof PcClientEvent event && event.measured())
        || content instanceof SystemdEvent
        || (content instanceof ImaTemplate template && nameOf(template).length() <= MAX_NAME);
  }

  private static Bytes nameOf(ImaTemplate template) {
    return Bytes.owning(template.name().getBytes(UTF_8));
  }

  /** Returns the event. */
  public PcClientEvent toPcClientEvent() {
    Bytes bytes = contentBytes();
    ByteBuffer payload = ByteBuffer.allocate(HEAD + bytes.length()).order(ByteOrder.LITTLE_ENDIAN);
    payload.put((byte) VERSION).put((byte) (KEEPERS.indexOf(keeper) + 1)).putLong(place);
    payload.put((byte) contentType());
    bytes.copyTo(payload);
    return new PcClientEvent(
        EventTypes.EV_EVENT_TAG, new TaggedEvent(TAG, Bytes.owning(payload.array())).encode());
  }

  private int contentType() {
    if (content.isEmpty()) {
      return NOT_KEPT;
    }
    if (content.get() instanceof PcClientEvent) {
      return PCCLIENT_STD;
    }
    return content.get() instanceof ImaTemplate ? IMA_TEMPLATE : SYSTEMD;
  }

  private Bytes contentBytes() {
    if (content.isEmpty()) {
      return Bytes.EMPTY;
    }
    if (content.get() instanceof PcClientEvent event) {
      ByteBuffer bytes =
          ByteBuffer.allocate(Integer.BYTES + event.data().length()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putInt((int) event.claimedEventType());
      event.data().copyTo(bytes);
      return Bytes.owning(bytes.array());
    }
    if (content.get() instanceof ImaTemplate template) {
      Bytes name = nameOf(template);
      ByteBuffer bytes = ByteBuffer.allocate(1 + name.length() + template.data().length());
      bytes.put((byte) name.length());
      name.copyTo(bytes);
      template.data().copyTo(bytes);
      return Bytes.owning(bytes.array());
    }
    if (content.get() instanceof SystemdEvent event) {
      return event.text();
    }
    throw new IllegalStateException("content that is not kept: " + content.get());
  }

  /** Returns whether {@code event} has this tag, whatever follows it. */
  public static boolean hasTag(PcClientEvent event) {
    return event.claimedEventType() == EventTypes.EV_EVENT_TAG
        && TaggedEvent.parse(event.data()).filter(tagged -> tagged.tag() == TAG).isPresent();
  }

  /** Parses an event; nothing unless it is an EV_EVENT_TAG with this tag and this layout. */
  public static Optional<ForeignEvent> parse(PcClientEvent event) {
    if (event.claimedEventType() != EventTypes.EV_EVENT_TAG) {
      return Optional.empty();
    }
    return TaggedEvent.parse(event.data())
        .filter(tagged -> tagged.tag() == TAG)
        .flatMap(tagged -> parsePayload(tagged.payload()));
  }

  private static Optional<ForeignEvent> parsePayload(Bytes payload) {
    if (payload.length() < HEAD || payload.at(0) != VERSION) {
      return Optional.empty();
    }
    int keeper = payload.at(1) - 1;
    long place = payload.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    if (keeper < 0 || keeper >= KEEPERS.size() || place < 0) {
      return Optional.empty();
    }
    int type = payload.at(HEAD - 1);
    Bytes bytes = payload.slice(HEAD, payload.length());
    try {
      Optional<EventContent> content =
          type == NOT_KEPT && bytes.isEmpty() ? Optional.empty() : Optional.of(parse(type, bytes));
      return Optional.of(new ForeignEvent(KEEPERS.get(keeper), place, content));
    } catch (IllegalArgumentException | BufferUnderflowException | CharacterCodingException e) {
      return Optional.empty(); // it is some other producer's
    }
  }

  private static EventContent parse(int type, Bytes bytes) throws CharacterCodingException {
    switch (type) {
      case PCCLIENT_STD -> {
        ByteBuffer in = bytes.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long eventType = Integer.toUnsignedLong(in.getInt());
        return new PcClientEvent(eventType, bytes.slice(Integer.BYTES, bytes.length()));
      }
      case IMA_TEMPLATE -> {
        ByteBuffer in = bytes.toReadOnlyBuffer();
        int length = Byte.toUnsignedInt(in.get());
        if (length > in.remaining()) {
          throw new BufferUnderflowException();
        }
        CharBuffer name = UTF_8.newDecoder().decode(in.slice(1, length));
        return new ImaTemplate(name.toString(), bytes.slice(1 + length, bytes.length()));
      }
      case SYSTEMD -> {
        return new SystemdEvent(bytes);
      }
      default -> throw new IllegalArgumentException("content type " + type);
    }
  }
}
