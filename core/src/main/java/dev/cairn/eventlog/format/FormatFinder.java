package dev.cairn.eventlog.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.ima.ImaBinary;
import dev.cairn.eventlog.tcg.Tcg2;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Recognises a format by the first bytes of a log, in this order:
 *
 * <pre>
 * cel-tlv                  no bytes at all; TLVs 0 and 1, 2 or 108 of at most 8 bytes, then TLV 3
 * tcg2                     EV_NO_ACTION with a Spec ID event
 * cel-cbor, cel-cbor-seq   an array, of maps if not empty; a map whose first key is 0
 * cel-json-seq, systemd    0x1E; systemd's records have no recnum or an object as content
 * cel-json, fapi, dstack   an array; with a record of content type tss2; with key imr
 * dstack, systemd          an object with event_log, or event and payload; a systemd record
 * aael-text                "INIT " algorithm "/"
 * ima-ascii                PCR, hexadecimal digest, template name
 * ima                      see {@link ImaBinary#findBank}
 * tcg1.2                   records with a SHA-1 digest and an event type that has a name
 * </pre>
 */
final class FormatFinder {
  private static final Set<Integer> RECNUM = Set.of(0);
  private static final Set<Integer> REGISTERS = Set.of(1, 2, 108); // pcr, nv_index, ccmr
  private static final int DIGESTS = 3;
  private static final int RECORD_SEPARATOR = 0x1E;
  private static final Pattern IMA_LINE =
      Pattern.compile("\\A {0,2}[0-9]{1,3} [0-9a-f]{32,128} [a-z0-9|-]{1,255}[ \\n]");
  private static final Pattern AAEL_INIT = Pattern.compile("\\AINIT [a-z0-9_]{3,9}/");
  private static final int LONGEST_LINE_HEAD = 512;
  private static final int SHA1 = 20;
  private static final int TCG1_HEAD = Integer.BYTES + Integer.BYTES + SHA1 + Integer.BYTES;
  private static final int MAX_PCR = 23;

  private FormatFinder() {}

  static Optional<LogFormat> find(Bytes head) {
    if (head.isEmpty() || isCelTlv(head)) {
      return Optional.of(LogFormat.CEL_TLV);
    }
    if (Tcg2.recognises(head)) {
      return Optional.of(LogFormat.TCG2);
    }
    Optional<LogFormat> structured = cbor(head).or(() -> json(head)).or(() -> text(head));
    if (structured.isPresent()) {
      return structured;
    }
    if (ImaBinary.findBank(head).isPresent()) {
      return Optional.of(LogFormat.IMA);
    }
    return isTcg1(head) ? Optional.of(LogFormat.TCG1) : Optional.empty();
  }

  private static boolean isCelTlv(Bytes head) {
    ByteBuffer in = head.toReadOnlyBuffer();
    return skipTlv(in, RECNUM)
        && skipTlv(in, REGISTERS)
        && (!in.hasRemaining() || in.get() == DIGESTS);
  }

  /** Skips an integer TLV of one of these types; as much of it as is there has to fit. */
  private static boolean skipTlv(ByteBuffer in, Set<Integer> types) {
    if (!in.hasRemaining()) {
      return true;
    }
    if (!types.contains(Byte.toUnsignedInt(in.get())) || in.remaining() < Integer.BYTES) {
      return false;
    }
    int length = in.getInt();
    if (length < 0 || length > Long.BYTES) {
      return false;
    }
    in.position(Math.min(in.limit(), in.position() + length));
    return true;
  }

  private static Optional<LogFormat> cbor(Bytes head) {
    int first = head.at(0);
    if (first >> 5 == 5) {
      return head.length() > 1 && head.at(1) == 0
          ? Optional.of(LogFormat.CEL_CBOR_SEQ)
          : Optional.empty();
    }
    if (first >> 5 != 4) {
      return Optional.empty();
    }
    int info = first & 0x1F;
    int lengthBytes = info >= 24 && info <= 27 ? 1 << (info - 24) : 0;
    int item = 1 + lengthBytes;
    boolean array = item >= head.length() ? first == 0x80 : head.at(item) >> 5 == 5;
    return array ? Optional.of(LogFormat.CEL_CBOR) : Optional.empty();
  }

  private static Optional<LogFormat> json(Bytes head) {
    int start = 0;
    while (start < head.length() && isJsonSpace(head.at(start))) {
      start++;
    }
    if (start == head.length()) {
      return Optional.empty();
    }
    return switch (head.at(start)) {
      case RECORD_SEPARATOR -> Optional.of(sequence(head.slice(start + 1, head.length())));
      case '[' -> array(JsonHead.of(head));
      case '{' -> object(JsonHead.of(head));
      default -> Optional.empty();
    };
  }

  private static boolean isJsonSpace(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  private static LogFormat sequence(Bytes texts) {
    JsonHead first = JsonHead.of(texts);
    boolean systemd =
        !first.isEmpty()
            && (!first.firstHas("recnum")
                || (first.hasContentType("systemd") && first.firstContentIsObject()));
    return systemd ? LogFormat.SYSTEMD : LogFormat.CEL_JSON_SEQ;
  }

  private static Optional<LogFormat> array(JsonHead records) {
    if (!records.isArray()) {
      return Optional.empty();
    }
    if (records.firstHas("imr")) {
      return Optional.of(LogFormat.DSTACK);
    }
    return Optional.of(records.hasContentType("tss2") ? LogFormat.FAPI : LogFormat.CEL_JSON);
  }

  private static Optional<LogFormat> object(JsonHead object) {
    if (object.firstHas("event_log") || object.firstHas("event", "payload")) {
      return Optional.of(LogFormat.DSTACK);
    }
    return object.firstHas("digests") && object.hasContentType("systemd")
        ? Optional.of(LogFormat.SYSTEMD)
        : Optional.empty();
  }

  private static Optional<LogFormat> text(Bytes head) {
    int length = Math.min(head.length(), LONGEST_LINE_HEAD);
    String begin = new String(head.slice(0, length).toArray(), ISO_8859_1);
    if (AAEL_INIT.matcher(begin).find()) {
      return Optional.of(LogFormat.AAEL_TEXT);
    }
    return IMA_LINE.matcher(begin).find() ? Optional.of(LogFormat.IMA_ASCII) : Optional.empty();
  }

  /** Two plausible records, or one that ends the log or is cut with it. */
  private static boolean isTcg1(Bytes head) {
    ByteBuffer in = head.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return !head.slice(0, Math.min(head.length(), TCG1_HEAD)).isFilledWith(0)
        && skipTcg1Record(in)
        && (!in.hasRemaining() || skipTcg1Record(in));
  }

  private static boolean skipTcg1Record(ByteBuffer in) {
    if (in.remaining() < TCG1_HEAD) {
      return false;
    }
    long pcr = Integer.toUnsignedLong(in.getInt());
    long type = Integer.toUnsignedLong(in.getInt());
    in.position(in.position() + SHA1);
    long size = Integer.toUnsignedLong(in.getInt());
    if (pcr > MAX_PCR
        || EventTypes.name(type).isEmpty()
        || size > Limits.DEFAULT.maxContentBytes()) {
      return false;
    }
    in.position((int) Math.min(in.limit(), in.position() + size));
    return true;
  }
}
