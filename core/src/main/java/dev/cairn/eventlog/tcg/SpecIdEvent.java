package dev.cairn.eventlog.tcg;

import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The event of the header record of a crypto-agile log: which algorithms its records use.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0    16  signature "Spec ID Event03" NUL; 16 zero bytes in the CoCo agent's headers
 *     16     4  platformClass
 *     20     1  specVersionMinor
 *     21     1  specVersionMajor
 *     22     1  specErrata
 *     23     1  uintnSize
 *     24     4  numberOfAlgorithms n
 *     28    4n  n × { u16 algorithmId, u16 digestSize }
 *  28+4n     1  vendorInfoSize v
 *  29+4n     v  vendorInfo
 * </pre>
 *
 * @param zeroSignature whether 16 zero bytes stand for the signature
 * @param platformClass a u32; 0 client, 1 server
 * @param minor 0
 * @param major 2
 * @param errata 0, 2 and 105 occur
 * @param uintnSize 1 for 32 bits, 2 for 64 bits
 * @param algorithms in the order of the header
 * @param vendorInfo anything, at most 255 bytes
 * @param claimedVendorInfoSize what the header says; a header whose event size leaves its vendor
 *     info out has more here than in {@code vendorInfo}
 * @see "TCG PC Client Platform Firmware Profile 1.06, 10.4.5.1 TCG_EfiSpecIdEvent"
 */
public record SpecIdEvent(
    boolean zeroSignature,
    long platformClass,
    int minor,
    int major,
    int errata,
    int uintnSize,
    List<Algorithm> algorithms,
    Bytes vendorInfo,
    int claimedVendorInfoSize) {
  /**
   * A declared algorithm.
   *
   * @param id TPM_ALG_ID
   * @param sizeBytes of its digests, 0 to 65535
   */
  public record Algorithm(int id, int sizeBytes) {}

  private static final Bytes SIGNATURE =
      Bytes.owning("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII));
  private static final Bytes NO_SIGNATURE = Bytes.filled(SIGNATURE.length(), 0);
  private static final int ALGORITHMS = SIGNATURE.length() + 4 + 1 + 1 + 1 + 1 + 4;
  private static final int ALGORITHM = Short.BYTES + Short.BYTES;
  private static final int MAX_VENDOR_INFO = 0xFF;

  /** Copies the list. */
  public SpecIdEvent {
    algorithms = List.copyOf(algorithms);
    if (vendorInfo.length() > MAX_VENDOR_INFO) {
      throw new IllegalArgumentException(
          "vendor info of " + vendorInfo.length() + " bytes, at most " + MAX_VENDOR_INFO);
    }
  }

  /** Returns the header that Cairn writes for records with digests of {@code banks}. */
  public static SpecIdEvent of(Collection<HashAlgorithm> banks) {
    List<Algorithm> algorithms = new ArrayList<>();
    for (HashAlgorithm bank : banks) {
      algorithms.add(new Algorithm(bank.tpmId(), bank.sizeBytes()));
    }
    return new SpecIdEvent(false, 0, 0, 2, 0, 2, algorithms, Bytes.EMPTY, 0);
  }

  /** Returns whether {@code event} is one, by its type and signature. */
  public static boolean isIn(PcClientEvent event) {
    return event.claimedEventType() == EventTypes.EV_NO_ACTION
        && (event.data().startsWith(SIGNATURE) || hasPlausibleZeroSignature(event.data()));
  }

  /** 16 zero bytes alone may begin any event: what follows must be an algorithm list, too. */
  private static boolean hasPlausibleZeroSignature(Bytes data) {
    if (!data.startsWith(NO_SIGNATURE)) {
      return false;
    }
    try {
      return !parse(data).algorithms.isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Parses event data.
   *
   * @throws IllegalArgumentException that says what does not fit
   */
  public static SpecIdEvent parse(Bytes data) {
    boolean zeroSignature = data.startsWith(NO_SIGNATURE);
    if (!zeroSignature && !data.startsWith(SIGNATURE)) {
      throw new IllegalArgumentException(
          "no signature \"Spec ID Event03\": no crypto-agile log begins like this");
    }
    if (data.length() < ALGORITHMS) {
      throw new IllegalArgumentException(
          "Spec ID event of %d bytes, needs %d before its algorithms"
              .formatted(data.length(), ALGORITHMS));
    }
    ByteBuffer in = data.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    in.position(SIGNATURE.length());
    long platformClass = Integer.toUnsignedLong(in.getInt());
    int minor = Byte.toUnsignedInt(in.get());
    int major = Byte.toUnsignedInt(in.get());
    int errata = Byte.toUnsignedInt(in.get());
    int uintnSize = Byte.toUnsignedInt(in.get());
    List<Algorithm> algorithms = algorithms(in);
    int claimed = Byte.toUnsignedInt(in.get());
    if (in.hasRemaining() && in.remaining() != claimed) {
      throw new IllegalArgumentException(
          "vendor info of %d bytes claimed, the event has %d".formatted(claimed, in.remaining()));
    }
    Bytes vendorInfo = data.slice(in.position(), data.length());
    return new SpecIdEvent(
        zeroSignature,
        platformClass,
        minor,
        major,
        errata,
        uintnSize,
        algorithms,
        vendorInfo,
        claimed);
  }

  private static List<Algorithm> algorithms(ByteBuffer in) {
    long count = Integer.toUnsignedLong(in.getInt());
    if (count * ALGORITHM >= in.remaining()) { // one byte more for the size of the vendor info
      throw new IllegalArgumentException(
          "%d algorithms declared, the event ends after %d bytes more"
              .formatted(count, in.remaining()));
    }
    List<Algorithm> algorithms = new ArrayList<>();
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Algorithm algorithm =
          new Algorithm(Short.toUnsignedInt(in.getShort()), Short.toUnsignedInt(in.getShort()));
      int known = HashAlgorithm.ofTpmId(algorithm.id).map(HashAlgorithm::sizeBytes).orElse(-1);
      if (known >= 0 && known != algorithm.sizeBytes) {
        throw new IllegalArgumentException(
            "algorithm 0x%04X declared with %d bytes, has %d"
                .formatted(algorithm.id, algorithm.sizeBytes, known));
      }
      if (!ids.add(algorithm.id)) {
        throw new IllegalArgumentException(
            "algorithm 0x%04X declared twice".formatted(algorithm.id));
      }
      algorithms.add(algorithm);
    }
    return algorithms;
  }

  /** Returns the size of the digests of {@code algorithmId}, if it is declared. */
  public OptionalInt sizeOf(int algorithmId) {
    for (Algorithm algorithm : algorithms) {
      if (algorithm.id == algorithmId) {
        return OptionalInt.of(algorithm.sizeBytes);
      }
    }
    return OptionalInt.empty();
  }

  /** Returns the event data. */
  public Bytes encode() {
    int size = ALGORITHMS + ALGORITHM * algorithms.size() + 1 + vendorInfo.length();
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    (zeroSignature ? NO_SIGNATURE : SIGNATURE).copyTo(out);
    out.putInt((int) platformClass);
    out.put((byte) minor).put((byte) major).put((byte) errata).put((byte) uintnSize);
    out.putInt(algorithms.size());
    for (Algorithm algorithm : algorithms) {
      out.putShort((short) algorithm.id).putShort((short) algorithm.sizeBytes);
    }
    out.put((byte) claimedVendorInfoSize);
    vendorInfo.copyTo(out);
    return Bytes.owning(out.array());
  }
}
