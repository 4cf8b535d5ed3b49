package dev.cairn.eventlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The common layout of Cairn's unmeasured records: one or two register values per bank.
 *
 * <pre>
 * offset  size  (little-endian, as all of TCG_PCR_EVENT2)
 *      0    16  signature, ASCII, padded with NUL
 *     16     2  u16 version = 1
 *     18     2  u16 count of banks, 1 to 16
 *     20     …  count × { u16 TPM_ALG_ID | one or two values of that bank's size }, ascending
 * </pre>
 */
final class BankValues {
  private static final int SIGNATURE_SIZE = 16;
  private static final int HEAD = SIGNATURE_SIZE + Short.BYTES + Short.BYTES;
  private static final int VERSION = 1;
  private static final int MAX_BANKS = 16;

  private BankValues() {}

  static Bytes signature(String text) {
    byte[] signature = new byte[SIGNATURE_SIZE];
    byte[] ascii = text.getBytes(US_ASCII);
    System.arraycopy(ascii, 0, signature, 0, ascii.length);
    return Bytes.owning(signature);
  }

  /** Encodes {@code columns}, which all have the same banks. */
  static Bytes encode(Bytes signature, List<DigestSet> columns) {
    DigestSet first = columns.get(0);
    int size = HEAD;
    for (Digest digest : first) {
      size += Short.BYTES + columns.size() * digest.algorithm().sizeBytes();
    }
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    signature.copyTo(buffer);
    buffer.putShort((short) VERSION).putShort((short) first.size());
    for (int bank = 0; bank < first.size(); bank++) {
      buffer.putShort((short) first.at(bank).algorithm().tpmId());
      for (DigestSet column : columns) {
        column.at(bank).value().copyTo(buffer);
      }
    }
    return Bytes.owning(buffer.array());
  }

  /**
   * Parses data that begin with the signature of a record with {@code columns} values per bank.
   *
   * @throws IllegalArgumentException if the rest is not as the table says
   */
  static List<DigestSet> parse(Bytes data, int columns) {
    if (data.length() < HEAD) {
      throw new IllegalArgumentException(
          "%d bytes, needs at least %d".formatted(data.length(), HEAD));
    }
    ByteBuffer buffer = data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(SIGNATURE_SIZE);
    int version = Short.toUnsignedInt(buffer.getShort());
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "version %d, this release knows %d".formatted(version, VERSION));
    }
    int count = Short.toUnsignedInt(buffer.getShort());
    if (count < 1 || count > MAX_BANKS) {
      throw new IllegalArgumentException("%d banks, needs 1 to %d".formatted(count, MAX_BANKS));
    }
    List<DigestSet> result = parseBanks(buffer, count, columns);
    if (buffer.hasRemaining()) {
      throw new IllegalArgumentException(
          "%d bytes after the last bank".formatted(buffer.remaining()));
    }
    return result;
  }

  private static List<DigestSet> parseBanks(ByteBuffer buffer, int count, int columns) {
    List<List<Digest>> values = new ArrayList<>();
    for (int column = 0; column < columns; column++) {
      values.add(new ArrayList<>(count));
    }
    for (int bank = 0; bank < count; bank++) {
      HashAlgorithm algorithm = parseAlgorithm(buffer);
      if (buffer.remaining() < columns * algorithm.sizeBytes()) {
        throw new IllegalArgumentException("bank %s is cut off".formatted(algorithm.bank()));
      }
      for (List<Digest> column : values) {
        byte[] value = new byte[algorithm.sizeBytes()];
        buffer.get(value);
        column.add(new Digest(algorithm, Bytes.owning(value)));
      }
    }
    List<DigestSet> sets = new ArrayList<>(columns);
    for (List<Digest> column : values) {
      sets.add(DigestSet.of(column));
    }
    return sets;
  }

  private static HashAlgorithm parseAlgorithm(ByteBuffer buffer) {
    if (buffer.remaining() < Short.BYTES) {
      throw new IllegalArgumentException("the list of banks is cut off");
    }
    int id = Short.toUnsignedInt(buffer.getShort());
    return HashAlgorithm.ofTpmId(id)
        .orElseThrow(
            () -> new IllegalArgumentException("algorithm 0x%04x is not known".formatted(id)));
  }
}
