package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CborLayout.FIRST;
import static dev.cairn.eventlog.cel.CborLayout.SECOND;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import org.jspecify.annotations.Nullable;

/** Turns the bytes of one record, which are deterministic CBOR, into the record. */
final class CborDecoder {
  private final LogFormat format;
  private final Limits limits;

  CborDecoder(LogFormat format, Limits limits) {
    this.format = format;
    this.limits = limits;
  }

  /** Returns how long a record may be. */
  static int maxRecord(Limits limits) {
    long content = (long) limits.maxContentBytes() + CelTlvLayout.MAX_NESTING;
    long digests =
        (long) limits.maxDigests() * (CelTlvLayout.MAX_DIGEST + CelTlvLayout.MAX_NESTING);
    return (int) Math.min(Integer.MAX_VALUE / 2, content + digests + CelTlvLayout.MAX_NESTING * 4L);
  }

  EventRecord decode(byte[] bytes, long offset) throws MalformedLogException {
    Source record = new Source(bytes, offset);
    record.require(record.cursor.map(CborLayout.ENTRIES), "record", "a map of five entries");
    record.require(record.cursor.key(CborLayout.RECNUM), "record", "key 0, recnum, first");
    long recnum = record.number("recnum", Long.MAX_VALUE);
    RegisterId register = null;
    if (record.cursor.key(CborLayout.PCR)) {
      register = record.register(RegisterId.Kind.PCR);
    } else if (record.cursor.key(CborLayout.NV_INDEX)) {
      register = record.register(RegisterId.Kind.NV);
    }
    record.require(record.cursor.key(CborLayout.DIGESTS), "record", "key 3, digests");
    DigestCollector digests = record.digests(limits.maxDigests());
    record.require(record.cursor.key(CborLayout.CONTENT_TYPE), "record", "key 9, content_type");
    long type = record.number("content_type", ContentTypes.MAX_U32);
    record.require(record.cursor.key(CborLayout.CONTENT), "record", "key 10, content");
    EventContent content = content(type, record.cursor.any());
    if (register == null) {
      record.require(record.cursor.key(CborLayout.CCMR), "record", "a register: key 1, 2 or 108");
      register = record.register(RegisterId.Kind.CCMR);
    }
    return new EventRecord(recnum, register, digests.known(), digests.unknown(), content);
  }

  private static EventContent content(long type, byte[] item) {
    EventContent known = type > ContentTypes.SYSTEMD ? null : known((int) type, item);
    if (known != null) {
      return known;
    }
    return new OpaqueContent(Long.toString(type), OpaqueContent.Encoding.CBOR, Bytes.owning(item));
  }

  private static @Nullable EventContent known(int type, byte[] item) {
    CborCursor cursor = new CborCursor(item);
    switch (type) {
      case ContentTypes.CEL -> {
        return management(cursor);
      }
      case ContentTypes.PCCLIENT_STD -> {
        return pcClientEvent(cursor);
      }
      case ContentTypes.IMA_TEMPLATE -> {
        return imaTemplate(cursor);
      }
      case ContentTypes.IMA_TLV -> {
        Bytes tlvs = cursor.bytes();
        return tlvs == null ? null : new ImaTlv(tlvs);
      }
      case ContentTypes.SYSTEMD -> {
        Bytes text = cursor.bytes();
        return text == null ? null : new SystemdEvent(text);
      }
      default -> {
        return null;
      }
    }
  }

  private static @Nullable EventContent pcClientEvent(CborCursor cursor) {
    if (!cursor.map(2) || !cursor.key(FIRST) || !cursor.isNumber(ContentTypes.MAX_U32)) {
      return null;
    }
    long eventType = cursor.number();
    Bytes data = cursor.key(SECOND) ? cursor.bytes() : null;
    return data == null ? null : new PcClientEvent(eventType, data);
  }

  private static @Nullable EventContent imaTemplate(CborCursor cursor) {
    String name = cursor.map(2) && cursor.key(FIRST) ? cursor.text() : null;
    Bytes data = name != null && cursor.key(SECOND) ? cursor.bytes() : null;
    return name == null || data == null ? null : new ImaTemplate(name, data);
  }

  private static @Nullable Management management(CborCursor cursor) {
    if (cursor.map(1)) {
      boolean end = cursor.key(FIRST) && cursor.key(ContentTypes.FIRMWARE_END);
      return end ? new Management.FirmwareEnd() : null;
    }
    if (!cursor.map(2) || !cursor.key(FIRST)) {
      return null;
    }
    if (cursor.key(ContentTypes.CEL_VERSION)) {
      return version(cursor);
    }
    boolean time = cursor.key(ContentTypes.CEL_TIMESTAMP);
    if (!time && !cursor.key(ContentTypes.STATE_TRANS)) {
      return null;
    }
    if (!cursor.key(SECOND) || !cursor.isNumber(time ? -1 : ContentTypes.MAX_U32)) {
      return null;
    }
    long number = cursor.number();
    return time ? new Management.Timestamp(number) : new Management.StateTransition(number);
  }

  private static @Nullable Management version(CborCursor cursor) {
    if (!cursor.key(SECOND) || !cursor.map(2) || !cursor.key(FIRST)) {
      return null;
    }
    long major = cursor.isNumber(ContentTypes.MAX_U16) ? cursor.number() : -1;
    if (major < 0 || !cursor.key(SECOND) || !cursor.isNumber(ContentTypes.MAX_U16)) {
      return null;
    }
    return new Management.CelVersion((int) major, (int) cursor.number());
  }

  /** A record being read, and where it lies. */
  private final class Source {
    final CborCursor cursor;
    final long offset;

    Source(byte[] bytes, long offset) {
      this.cursor = new CborCursor(bytes);
      this.offset = offset;
    }

    void require(boolean found, String field, String what) throws MalformedLogException {
      if (!found) {
        throw new MalformedLogException(format, offset + cursor.at(), field + ": needs " + what);
      }
    }

    long number(String field, long max) throws MalformedLogException {
      require(cursor.isNumber(max), field, "a number from 0 to " + max);
      return cursor.number();
    }

    RegisterId register(RegisterId.Kind kind) throws MalformedLogException {
      return new RegisterId(kind, number("register", ContentTypes.MAX_U32));
    }

    DigestCollector digests(int max) throws MalformedLogException {
      long count = cursor.array();
      require(count > 0, "digests", "an array of at least one");
      DigestCollector digests = new DigestCollector(max);
      for (long i = 0; i < count; i++) {
        require(
            cursor.map(2) && cursor.key(FIRST), "digest", "a map of 0: algorithm and 1: digest");
        int algorithm = (int) number("algorithm", ContentTypes.MAX_U16);
        Bytes value = cursor.key(SECOND) ? cursor.bytes() : null;
        String problem =
            value == null ? "digest: needs 1: a byte string" : digests.add(algorithm, value);
        if (problem != null) {
          throw new MalformedLogException(format, offset + cursor.at(), problem);
        }
      }
      return digests;
    }
  }
}
