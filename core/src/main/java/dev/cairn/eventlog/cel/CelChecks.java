package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.HashAlgorithm;
import java.util.List;

/** What no encoding of CEL can say, asked before a byte of the record is written. */
final class CelChecks {
  private CelChecks() {}

  static void check(LogFormat format, EventRecord record) throws UnrepresentableRecordException {
    if (record.recnum() < 0) {
      throw refusal(format, record, "record numbers begin at 0");
    }
    if (!record.unknownDigests().isEmpty()) {
      checkUnknownDigests(format, record);
    }
    if (record.content() instanceof Management management) {
      checkManagement(format, record, management);
    } else if (record.content() instanceof ImaTemplate template && !isUnicode(template.name())) {
      throw refusal(format, record, "template name: a lone surrogate has no UTF-8 form");
    }
  }

  private static void checkUnknownDigests(LogFormat format, EventRecord record)
      throws UnrepresentableRecordException {
    List<UnknownDigest> digests = record.unknownDigests();
    for (int i = 0; i < digests.size(); i++) {
      UnknownDigest digest = digests.get(i);
      int id = digest.algorithmId();
      if (HashAlgorithm.ofTpmId(id).isPresent()) {
        throw refusal(format, record, "algorithm 0x%04X is a known one".formatted(id));
      }
      if (i > 0 && digests.get(i - 1).algorithmId() >= id) {
        throw refusal(format, record, "algorithm 0x%04X: twice, or not ascending".formatted(id));
      }
      if (digest.value().length() > CelTlvLayout.MAX_DIGEST) {
        throw refusal(
            format,
            record,
            "digest of algorithm 0x%04X: %d bytes, at most %d"
                .formatted(id, digest.value().length(), CelTlvLayout.MAX_DIGEST));
      }
    }
  }

  private static void checkManagement(LogFormat format, EventRecord record, Management management)
      throws UnrepresentableRecordException {
    if (management instanceof Management.CelVersion version
        && (isOutside(version.major(), ContentTypes.MAX_U16)
            || isOutside(version.minor(), ContentTypes.MAX_U16))) {
      throw refusal(
          format,
          record,
          "cel_version %d.%d: both need 0 to 65535".formatted(version.major(), version.minor()));
    }
    if (management instanceof Management.StateTransition transition
        && isOutside(transition.state(), ContentTypes.MAX_U32)) {
      throw refusal(format, record, "state_trans " + transition.state() + ": needs a u32");
    }
  }

  private static boolean isOutside(long value, long max) {
    return value < 0 || value > max;
  }

  /** Returns whether every surrogate in {@code text} has its other half. */
  static boolean isUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** Content that is kept in the words of another encoding, or under a name that this one lacks. */
  static UnrepresentableRecordException foreign(
      LogFormat format, EventRecord record, OpaqueContent opaque) {
    return refusal(
        format,
        record,
        "content type %s is kept as %s and is not understood; write the log in that encoding"
            .formatted(opaque.type(), opaque.encoding()));
  }

  private static UnrepresentableRecordException refusal(
      LogFormat format, EventRecord record, String reason) {
    return new UnrepresentableRecordException(format, record, reason);
  }
}
