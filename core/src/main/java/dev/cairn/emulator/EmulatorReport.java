package dev.cairn.emulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the emulator gives instead of a quote. Signed by nobody: everybody can write one.
 *
 * <pre>
 * offset  size  (little-endian)
 *      0    16  "Cairn-Emulator", padded with NUL
 *     16     2  u16 version = 1
 *     18     2  u16 length of the nonce n, 0 to 64
 *     20     n  nonce
 *   20+n     2  u16 count of registers, 1 to 64
 *   22+n     …  count × { u8 kind | u32 index | u16 count of banks, 1 to 16
 *                         | banks × { u16 TPM_ALG_ID | value of that bank's size }, ascending },
 *               ascending; kind is 0 PCR, 1 CC measurement register (0 MRTD, n + 1 RTMR n), 2 NV
 * </pre>
 *
 * @param nonce as the verifier gave it
 * @param values of the registers and banks that it shows
 */
record EmulatorReport(Bytes nonce, SortedMap<RegisterId, DigestSet> values) {
  static final String PART = "report";

  private static final int SIGNATURE_SIZE = 16;
  private static final int HEAD = SIGNATURE_SIZE + 2 * Short.BYTES;
  private static final int REGISTER_HEAD = 1 + Integer.BYTES + Short.BYTES;
  private static final int VERSION = 1;
  private static final int MAX_REGISTERS = 64;
  private static final int MAX_BANKS = 16;
  private static final Bytes SIGNATURE = signature();
  private static final List<RegisterId.Kind> KINDS =
      List.of(RegisterId.Kind.PCR, RegisterId.Kind.CCMR, RegisterId.Kind.NV);

  EmulatorReport {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  private static Bytes signature() {
    byte[] signature = new byte[SIGNATURE_SIZE];
    byte[] ascii = "Cairn-Emulator".getBytes(US_ASCII);
    System.arraycopy(ascii, 0, signature, 0, ascii.length);
    return Bytes.owning(signature);
  }

  Bytes encode() {
    int size = HEAD + nonce.length() + Short.BYTES;
    for (DigestSet value : values.values()) {
      size += REGISTER_HEAD;
      for (Digest digest : value) {
        size += Short.BYTES + digest.algorithm().sizeBytes();
      }
    }
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    SIGNATURE.copyTo(buffer);
    buffer.putShort((short) VERSION).putShort((short) nonce.length());
    nonce.copyTo(buffer);
    buffer.putShort((short) values.size());
    for (Map.Entry<RegisterId, DigestSet> entry : values.entrySet()) {
      RegisterId id = entry.getKey();
      buffer.put((byte) KINDS.indexOf(id.kind())).putInt((int) id.index());
      buffer.putShort((short) entry.getValue().size());
      for (Digest digest : entry.getValue()) {
        buffer.putShort((short) digest.algorithm().tpmId());
        digest.value().copyTo(buffer);
      }
    }
    return Bytes.owning(buffer.array());
  }

  /**
   * Parses what {@link #encode} wrote, and nothing else.
   *
   * @throws MalformedEvidenceException naming offset and reason
   */
  static EmulatorReport parse(Bytes bytes) throws MalformedEvidenceException {
    return new Parser(bytes).parse();
  }

  private static final class Parser {
    private final ByteBuffer in;

    Parser(Bytes bytes) {
      in = bytes.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    EmulatorReport parse() throws MalformedEvidenceException {
      if (!take(SIGNATURE_SIZE, "signature").equals(SIGNATURE)) {
        throw malformed(0, "no report of the emulator: needs the signature 'Cairn-Emulator'");
      }
      number("version", VERSION, VERSION);
      Bytes nonce = take(number("nonce", 0, QuoteRequest.MAX_NONCE_BYTES), "nonce");
      int count = number("count of registers", 1, MAX_REGISTERS);
      SortedMap<RegisterId, DigestSet> values = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        int at = in.position();
        RegisterId id = register();
        if (!values.isEmpty() && values.lastKey().compareTo(id) >= 0) {
          throw malformed(at, "%s after %s: needs to ascend".formatted(id, values.lastKey()));
        }
        values.put(id, value());
      }
      if (in.hasRemaining()) {
        throw malformed(in.position(), in.remaining() + " bytes after the last register");
      }
      return new EmulatorReport(nonce, values);
    }

    private RegisterId register() throws MalformedEvidenceException {
      int at = in.position();
      need(1 + Integer.BYTES, "register");
      int kind = Byte.toUnsignedInt(in.get());
      if (kind >= KINDS.size()) {
        throw malformed(at, "kind of register %d, needs 0, 1 or 2".formatted(kind));
      }
      return new RegisterId(KINDS.get(kind), Integer.toUnsignedLong(in.getInt()));
    }

    private DigestSet value() throws MalformedEvidenceException {
      int count = number("count of banks", 1, MAX_BANKS);
      List<Digest> digests = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int at = in.position();
        need(Short.BYTES, "bank");
        int id = Short.toUnsignedInt(in.getShort());
        HashAlgorithm bank =
            HashAlgorithm.ofTpmId(id)
                .orElseThrow(() -> malformed(at, "algorithm 0x%04x is not known".formatted(id)));
        if (i > 0 && digests.get(i - 1).algorithm().compareTo(bank) >= 0) {
          throw malformed(at, bank.bank() + ": banks need to ascend");
        }
        digests.add(new Digest(bank, take(bank.sizeBytes(), bank.bank() + " value")));
      }
      return DigestSet.of(digests);
    }

    private int number(String what, int least, int most) throws MalformedEvidenceException {
      int at = in.position();
      need(Short.BYTES, what);
      int value = Short.toUnsignedInt(in.getShort());
      if (value < least || value > most) {
        throw malformed(
            at,
            least == most
                ? "%s %d, needs %d".formatted(what, value, least)
                : "%s %d, needs %d to %d".formatted(what, value, least, most));
      }
      return value;
    }

    private Bytes take(int length, String what) throws MalformedEvidenceException {
      need(length, what);
      byte[] bytes = new byte[length];
      in.get(bytes);
      return Bytes.owning(bytes);
    }

    private void need(int length, String what) throws MalformedEvidenceException {
      if (in.remaining() < length) {
        throw malformed(
            in.position(),
            "%s needs %d bytes, %d are left".formatted(what, length, in.remaining()));
      }
    }

    private static MalformedEvidenceException malformed(int offset, String detail) {
      return new MalformedEvidenceException(PART, "offset %d: %s".formatted(offset, detail));
    }
  }
}
