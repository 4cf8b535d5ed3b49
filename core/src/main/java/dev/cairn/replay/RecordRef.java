package dev.cairn.replay;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.LinuxStubEvent;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.RegisterId;
import java.util.Optional;

/**
 * Names one record of one log, so that a person finds it.
 *
 * @param log the name of its log, see {@link LogSource#name()}
 * @param number its place in that log, from 0, headers and unmeasured records included
 * @param offset where it begins, in bytes from the start of that log
 * @param register the register it names
 * @param recnum its number within the register; counted where the format has none
 * @param claimedType its event or content type, e.g. {@code EV_SEPARATOR}; no digest covers it
 * @param claimedSubject what it says that it measured, where that is known and the digest is of
 *     that and not of its own text, e.g. {@code initial RAM disk}
 */
public record RecordRef(
    String log,
    long number,
    long offset,
    RegisterId register,
    long recnum,
    String claimedType,
    Optional<String> claimedSubject) {
  static RecordRef of(String log, long number, long offset, EventRecord record) {
    return new RecordRef(
        log,
        number,
        offset,
        record.register(),
        record.recnum(),
        typeOf(record.content()),
        subjectOf(record.content()));
  }

  private static Optional<String> subjectOf(EventContent content) {
    return content instanceof PcClientEvent event
        ? LinuxStubEvent.parse(event).map(LinuxStubEvent::subject)
        : Optional.empty();
  }

  private static String typeOf(EventContent content) {
    if (content instanceof PcClientEvent event) {
      return EventTypes.name(event.claimedEventType())
          .orElseGet(() -> "event type 0x%08x".formatted(event.claimedEventType()));
    }
    if (content instanceof ImaTemplate template) {
      return "IMA " + template.name();
    }
    if (content instanceof OpaqueContent opaque) {
      return "content type " + opaque.type();
    }
    if (content instanceof Management management) {
      return typeOf(management);
    }
    if (content instanceof ImaTlv) {
      return "ima_tlv";
    }
    if (content instanceof SystemdEvent) {
      return "systemd";
    }
    throw new IllegalArgumentException("content without a name: " + content);
  }

  private static String typeOf(Management management) {
    if (management instanceof Management.CelVersion) {
      return "cel_version";
    }
    if (management instanceof Management.FirmwareEnd) {
      return "firmware_end";
    }
    return management instanceof Management.Timestamp ? "cel_timestamp" : "state_trans";
  }

  /** Returns e.g. {@code pcr7 record 5 (boot.bin, number 12, offset 4711, EV_SEPARATOR)}. */
  @Override
  public String toString() {
    return "%s record %s (%s, number %d, offset %d, %s)"
        .formatted(
            register,
            Long.toUnsignedString(recnum),
            log,
            number,
            offset,
            claimedSubject.map(subject -> claimedType + ": " + subject).orElse(claimedType));
  }
}
