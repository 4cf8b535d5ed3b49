package dev.cairn.eventlog.cel;

import static dev.cairn.eventlog.cel.CelTlvLayout.CCMR;
import static dev.cairn.eventlog.cel.CelTlvLayout.DIGESTS;
import static dev.cairn.eventlog.cel.CelTlvLayout.HEAD;
import static dev.cairn.eventlog.cel.CelTlvLayout.MAX_DIGEST;
import static dev.cairn.eventlog.cel.CelTlvLayout.MAX_INTEGER;
import static dev.cairn.eventlog.cel.CelTlvLayout.MAX_NESTING;
import static dev.cairn.eventlog.cel.CelTlvLayout.NV_INDEX;
import static dev.cairn.eventlog.cel.CelTlvLayout.PCR;
import static dev.cairn.eventlog.cel.CelTlvLayout.RECNUM;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import java.util.List;

/** Turns the bytes of one record, whose extent is known, into the record. */
final class CelTlvDecoder {
  static final List<String> NAMES = List.of("recnum", "register", "digests", "content");
  static final int PARTS = 4;

  private static final int DIGESTS_PART = 2;
  private static final RegisterId[] SMALL_PCRS = new RegisterId[24];
  private static final RegisterId[] SMALL_CCMRS = new RegisterId[5];

  static {
    for (int i = 0; i < SMALL_PCRS.length; i++) {
      SMALL_PCRS[i] = RegisterId.pcr(i);
    }
    for (int i = 0; i < SMALL_CCMRS.length; i++) {
      SMALL_CCMRS[i] = new RegisterId(RegisterId.Kind.CCMR, i);
    }
  }

  private final int[] maxLengths;
  private final DigestCollector digests; // used again for every record
  private byte[] array = new byte[0];
  private long base; // offset in the log of the array's first byte

  CelTlvDecoder(Limits limits) {
    this.digests = new DigestCollector(limits.maxDigests());
    this.maxLengths =
        new int[] {
          MAX_INTEGER,
          MAX_INTEGER,
          clamp((HEAD + MAX_DIGEST) * (long) limits.maxDigests()),
          clamp(limits.maxContentBytes() + (long) MAX_NESTING)
        };
  }

  /** Leaves room for heads in an int. */
  private static int clamp(long length) {
    return (int) Math.min(length, Integer.MAX_VALUE / 4);
  }

  /**
   * Returns the length that the outer TLV at {@code at} claims, once type and length are allowed.
   */
  int lengthOf(int part, byte[] bytes, int at, long offset) throws MalformedLogException {
    int type = bytes[at] & 0xFF;
    boolean fits =
        switch (part) {
          case RECNUM -> type == RECNUM;
          case PCR -> type == PCR || type == NV_INDEX || type == CCMR;
          case DIGESTS_PART -> type == DIGESTS;
          default -> type > DIGESTS;
        };
    if (!fits) {
      throw malformed(offset, "TLV of type %d where %s has to be".formatted(type, NAMES.get(part)));
    }
    int length = intAt(bytes, at + 1);
    if (length < 0 || length > maxLengths[part]) {
      throw malformed(
          offset,
          "%s: %d bytes, at most %d"
              .formatted(NAMES.get(part), Integer.toUnsignedLong(length), maxLengths[part]));
    }
    return length;
  }

  /**
   * Decodes the record at {@code from}, all of whose outer TLVs {@link #lengthOf} has accepted.
   *
   * @param offset of the record in the log
   */
  EventRecord decode(byte[] bytes, int from, long offset) throws MalformedLogException {
    array = bytes;
    base = offset - from;
    int registerAt = endOf(from);
    int digestsAt = endOf(registerAt);
    int contentAt = endOf(digestsAt);
    long recnum = number(from);
    if (recnum < 0) {
      throw malformed(
          base + from,
          "recnum %s: at most %d".formatted(Long.toUnsignedString(recnum), Long.MAX_VALUE));
    }
    RegisterId register = register(registerAt);
    readDigests(digestsAt + HEAD, contentAt);
    EventContent content =
        TlvContents.decode(typeOf(contentAt), bytes, contentAt + HEAD, intAt(bytes, contentAt + 1));
    return new EventRecord(recnum, register, digests.known(), digests.unknown(), content);
  }

  private RegisterId register(int at) throws MalformedLogException {
    long index = number(at);
    if (index < 0 || index > ContentTypes.MAX_U32) {
      throw malformed(
          base + at,
          "register index %s: at most %d"
              .formatted(Long.toUnsignedString(index), ContentTypes.MAX_U32));
    }
    return switch (typeOf(at)) {
      case PCR -> index < SMALL_PCRS.length ? SMALL_PCRS[(int) index] : RegisterId.pcr(index);
      case CCMR ->
          index < SMALL_CCMRS.length
              ? SMALL_CCMRS[(int) index]
              : new RegisterId(RegisterId.Kind.CCMR, index);
      default -> new RegisterId(RegisterId.Kind.NV, index);
    };
  }

  private void readDigests(int from, int to) throws MalformedLogException {
    digests.clear();
    for (int at = from; at < to; at = endOf(at)) {
      if (to - at < HEAD) {
        throw malformed(
            base + at, "digest: a head needs %d bytes, %d are left".formatted(HEAD, to - at));
      }
      int length = intAt(array, at + 1);
      if (length < 0 || length > Math.min(MAX_DIGEST, to - at - HEAD)) {
        throw malformed(
            base + at,
            "digest: %d bytes, %d are left, at most %d"
                .formatted(Integer.toUnsignedLong(length), to - at - HEAD, MAX_DIGEST));
      }
      String problem = digests.add(typeOf(at), Bytes.copyOf(array, at + HEAD, length));
      if (problem != null) {
        throw malformed(base + at, problem);
      }
    }
  }

  private int typeOf(int at) {
    return array[at] & 0xFF;
  }

  /** Returns where the next TLV begins. */
  private int endOf(int at) {
    return at + HEAD + intAt(array, at + 1);
  }

  /** Returns the big-endian integer of the TLV at {@code at}, which is up to eight bytes wide. */
  private long number(int at) {
    return TlvContents.number(array, at + HEAD, intAt(array, at + 1));
  }

  private static int intAt(byte[] bytes, int at) {
    return TlvContents.intAt(bytes, at);
  }

  private static MalformedLogException malformed(long offset, String reason) {
    return new MalformedLogException(LogFormat.CEL_TLV, offset, reason);
  }
}
