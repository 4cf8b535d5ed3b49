package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CelTlvLayout.CCMR;
import static dev.cairn.eventlog.cel.CelTlvLayout.DIGESTS;
import static dev.cairn.eventlog.cel.CelTlvLayout.FIRST;
import static dev.cairn.eventlog.cel.CelTlvLayout.HEAD;
import static dev.cairn.eventlog.cel.CelTlvLayout.NV_INDEX;
import static dev.cairn.eventlog.cel.CelTlvLayout.PCR;
import static dev.cairn.eventlog.cel.CelTlvLayout.RECNUM;
import static dev.cairn.eventlog.cel.CelTlvLayout.SECOND;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Turns one record into its bytes. The length comes first and makes every check. */
final class CelTlvEncoder {
  private static final int MAX_BYTE = 0xFF;

  private CelTlvEncoder() {}

  static int length(EventRecord record) throws UnrepresentableRecordException {
    CelChecks.check(LogFormat.CEL_TLV, record);
    long length =
        4L * HEAD
            + Long.BYTES
            + registerWidth(record.register())
            + digestsLength(record)
            + contentLength(record);
    if (length > Integer.MAX_VALUE) {
      throw refusal(record, length + " bytes: a record needs to be shorter than 2 GiB");
    }
    return (int) length;
  }

  static void encode(EventRecord record, ByteBuffer target) throws UnrepresentableRecordException {
    if (target.order() != ByteOrder.BIG_ENDIAN) {
      throw new IllegalArgumentException("CEL-TLV is big-endian, the buffer is not");
    }
    if (length(record) > target.remaining()) {
      throw new BufferOverflowException();
    }
    head(target, RECNUM, Long.BYTES).putLong(record.recnum());
    putRegister(record.register(), target);
    head(target, DIGESTS, (int) digestsLength(record));
    putDigests(record, target);
    putContent(record, target);
  }

  private static ByteBuffer head(ByteBuffer target, int type, int length) {
    return target.put((byte) type).putInt(length);
  }

  private static void nested(ByteBuffer target, int type, Bytes value) {
    head(target, type, value.length());
    value.copyTo(target);
  }

  private static int registerWidth(RegisterId register) {
    boolean one = register.kind() != RegisterId.Kind.NV && register.index() <= MAX_BYTE;
    return one ? 1 : Integer.BYTES;
  }

  private static void putRegister(RegisterId register, ByteBuffer target) {
    int type =
        switch (register.kind()) {
          case PCR -> PCR;
          case CCMR -> CCMR;
          case NV -> NV_INDEX;
        };
    int width = registerWidth(register);
    head(target, type, width);
    if (width == 1) {
      target.put((byte) register.index());
    } else {
      target.putInt((int) register.index());
    }
  }

  private static long digestsLength(EventRecord record) throws UnrepresentableRecordException {
    DigestSet digests = record.digests();
    long length = 0;
    for (int i = 0; i < digests.size(); i++) {
      length += HEAD + digests.at(i).algorithm().sizeBytes();
    }
    List<UnknownDigest> unknown = record.unknownDigests();
    for (int i = 0; i < unknown.size(); i++) {
      if (unknown.get(i).algorithmId() > MAX_BYTE) {
        throw refusal(
            record,
            "digest of algorithm 0x%04X: a TLV type holds 0x00 to 0xFF; use cel-json or cel-cbor"
                .formatted(unknown.get(i).algorithmId()));
      }
      length += HEAD + unknown.get(i).value().length();
    }
    return length;
  }

  /** Merges the two kinds, which are each ascending. */
  private static void putDigests(EventRecord record, ByteBuffer target) {
    DigestSet known = record.digests();
    List<UnknownDigest> unknown = record.unknownDigests();
    int u = 0;
    for (int i = 0; i < known.size(); i++) {
      Digest digest = known.at(i);
      int id = digest.algorithm().tpmId();
      while (u < unknown.size() && unknown.get(u).algorithmId() < id) {
        nested(target, unknown.get(u).algorithmId(), unknown.get(u).value());
        u++;
      }
      nested(target, id, digest.value());
    }
    for (; u < unknown.size(); u++) {
      nested(target, unknown.get(u).algorithmId(), unknown.get(u).value());
    }
  }

  private static long contentLength(EventRecord record) throws UnrepresentableRecordException {
    EventContent content = record.content();
    if (content instanceof PcClientEvent event) {
      return HEAD + Integer.BYTES + HEAD + (long) event.data().length();
    } else if (content instanceof ImaTemplate template) {
      return HEAD + (long) template.name().getBytes(UTF_8).length + HEAD + template.data().length();
    } else if (content instanceof ImaTlv ima) {
      return ima.tlvs().length();
    } else if (content instanceof SystemdEvent event) {
      return event.text().length();
    } else if (content instanceof Management management) {
      return (long) HEAD + managementLength(management);
    } else if (content instanceof OpaqueContent opaque) {
      opaqueType(record, opaque);
      return opaque.bytes().length();
    }
    throw new IllegalStateException("no CEL-TLV for " + content.getClass());
  }

  private static int managementLength(Management management) {
    if (management instanceof Management.CelVersion) {
      return HEAD + Short.BYTES + HEAD + Short.BYTES;
    } else if (management instanceof Management.FirmwareEnd) {
      return 0;
    } else if (management instanceof Management.Timestamp) {
      return Long.BYTES;
    } else if (management instanceof Management.StateTransition) {
      return Integer.BYTES;
    }
    throw new IllegalStateException("no CEL-TLV for " + management.getClass());
  }

  private static int opaqueType(EventRecord record, OpaqueContent opaque)
      throws UnrepresentableRecordException {
    long type = ContentTypes.numberOf(opaque.type());
    if (opaque.encoding() != OpaqueContent.Encoding.TLV || type > MAX_BYTE || type <= DIGESTS) {
      throw CelChecks.foreign(LogFormat.CEL_TLV, record, opaque);
    }
    return (int) type;
  }

  private static void putContent(EventRecord record, ByteBuffer target)
      throws UnrepresentableRecordException {
    EventContent content = record.content();
    int length = (int) contentLength(record);
    if (content instanceof PcClientEvent event) {
      head(target, ContentTypes.PCCLIENT_STD, length);
      head(target, FIRST, Integer.BYTES).putInt((int) event.claimedEventType());
      nested(target, SECOND, event.data());
    } else if (content instanceof ImaTemplate template) {
      head(target, ContentTypes.IMA_TEMPLATE, length);
      byte[] name = template.name().getBytes(UTF_8);
      head(target, FIRST, name.length).put(name);
      nested(target, SECOND, template.data());
    } else if (content instanceof ImaTlv ima) {
      nested(target, ContentTypes.IMA_TLV, ima.tlvs());
    } else if (content instanceof SystemdEvent event) {
      nested(target, ContentTypes.SYSTEMD, event.text());
    } else if (content instanceof Management management) {
      head(target, ContentTypes.CEL, length);
      putManagement(management, length - HEAD, target);
    } else if (content instanceof OpaqueContent opaque) {
      nested(target, opaqueType(record, opaque), opaque.bytes());
    } else {
      throw new IllegalStateException("no CEL-TLV for " + content.getClass());
    }
  }

  private static void putManagement(Management management, int length, ByteBuffer target) {
    if (management instanceof Management.CelVersion version) {
      head(target, ContentTypes.CEL_VERSION, length);
      head(target, FIRST, Short.BYTES).putShort((short) version.major());
      head(target, SECOND, Short.BYTES).putShort((short) version.minor());
    } else if (management instanceof Management.FirmwareEnd) {
      head(target, ContentTypes.FIRMWARE_END, length);
    } else if (management instanceof Management.Timestamp timestamp) {
      head(target, ContentTypes.CEL_TIMESTAMP, length).putLong(timestamp.claimedTime());
    } else if (management instanceof Management.StateTransition transition) {
      head(target, ContentTypes.STATE_TRANS, length).putInt((int) transition.state());
    }
  }

  private static UnrepresentableRecordException refusal(EventRecord record, String reason) {
    return new UnrepresentableRecordException(LogFormat.CEL_TLV, record, reason);
  }
}
