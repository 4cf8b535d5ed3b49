package dev.cairn.coco;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.TaggedEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One record of the agent's log: a TCG_PCR_EVENT2 with exactly one digest.
 *
 * <pre>
 * offset  size                      little-endian
 *      0     4  measurement register
 *      4     4  event type = 6 (EV_EVENT_TAG)
 *      8     4  count of digests = 1
 *     12     2  TPM_ALG_ID
 *     14     d  digest
 *   14+d     4  size of what follows
 *   18+d     4  tag: 0x4141454C for an AAEL event
 *   22+d     4  size of the payload
 *   26+d     n  payload
 * </pre>
 *
 * Verifiers replay a register from every record that names it, so none that was extended may be
 * left out, and they refuse a whole log for an event type that they do not know. Whatever is no
 * EV_EVENT_TAG with a well-formed tag is therefore written as one, with tag {@link #FOREIGN_TAG}
 * and event type and data as payload: it replays, and claims no content.
 *
 * @see "confidential-containers/guest-components, attestation-agent/src/eventlog/tcg2.rs; trustee,
 *     deps/eventlog"
 */
final class CocoRecord {
  /** "CRNE" read as a big-endian number: an event of another type, carried along. */
  static final long FOREIGN_TAG = 0x4352_4E45L;

  private static final int HEAD = 3 * Integer.BYTES + Short.BYTES;

  private CocoRecord() {}

  /**
   * Encodes {@code record}; nothing for one that was never extended.
   *
   * @throws IllegalArgumentException if it has no digest of {@code bank}
   */
  static Optional<byte[]> encode(EventRecord record, HashAlgorithm bank) {
    if (!record.content().measured()) {
      return Optional.empty();
    }
    Digest digest = record.digests().find(bank);
    if (digest == null) {
      throw new IllegalArgumentException(
          "%s: record %d has no digest of %s"
              .formatted(record.register(), record.recnum(), bank.bank()));
    }
    Bytes data = data(record);
    ByteBuffer buffer =
        ByteBuffer.allocate(HEAD + digest.value().length() + Integer.BYTES + data.length())
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer
        .putInt((int) record.register().index())
        .putInt((int) EventTypes.EV_EVENT_TAG)
        .putInt(1)
        .putShort((short) bank.tpmId());
    digest.value().copyTo(buffer);
    buffer.putInt(data.length());
    data.copyTo(buffer);
    return Optional.of(buffer.array());
  }

  private static Bytes data(EventRecord record) {
    if (!(record.content() instanceof PcClientEvent event)) {
      return new TaggedEvent(FOREIGN_TAG, Bytes.EMPTY).encode();
    }
    if (event.claimedEventType() == EventTypes.EV_EVENT_TAG) {
      Optional<TaggedEvent> tagged = TaggedEvent.parse(event.data());
      if (tagged.isPresent() && (tagged.get().tag() != AaelEvent.TAG || isText(tagged.get()))) {
        return event.data();
      }
    }
    ByteBuffer payload =
        ByteBuffer.allocate(Integer.BYTES + event.data().length()).order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt((int) event.claimedEventType());
    event.data().copyTo(payload);
    return new TaggedEvent(FOREIGN_TAG, Bytes.owning(payload.array())).encode();
  }

  /** Whether a verifier can split it: UTF-8 with two spaces. */
  private static boolean isText(TaggedEvent tagged) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(tagged.payload().toReadOnlyBuffer())
              .toString();
      int first = text.indexOf(' ');
      return first >= 0 && text.indexOf(' ', first + 1) >= 0;
    } catch (java.nio.charset.CharacterCodingException e) {
      return false;
    }
  }
}
