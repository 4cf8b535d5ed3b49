package dev.cairn.backend.tdx.ccel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.measure.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The ACPI table that says where the firmware's log is.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0     4  "CCEL"
 *      4     4  length: 56
 *      8     1  revision
 *      9     1  checksum: all bytes together are 0 mod 256
 *     10    26  who made the firmware
 *     36     1  type of the guest: 1 SEV, 2 TDX
 *     37     1  subtype
 *     38     2  reserved
 *     40     8  length of the log's area
 *     48     8  its address
 * </pre>
 *
 * @param type of the guest, see {@link #isTdx()}
 * @param subtype of the guest
 * @param areaBytes how long the area of the log is; unsigned
 * @param areaAddress where in the guest's memory it is; unsigned
 * @see "UEFI 2.10, 38.3 Confidential Computing event log ACPI table; Linux actbl2.h,
 *     acpi_table_ccel"
 */
public record CcelTable(int type, int subtype, long areaBytes, long areaAddress) {
  /** How long it is. */
  public static final int SIZE_BYTES = 56;

  private static final Bytes SIGNATURE = Bytes.owning("CCEL".getBytes(US_ASCII));
  private static final int LENGTH = 4;
  private static final int TYPE = 36;
  private static final int AREA_BYTES = 40;
  private static final int AREA_ADDRESS = AREA_BYTES + Long.BYTES;
  private static final int TDX = 2;

  /**
   * Reads the table from {@code file}, usually {@code /sys/firmware/acpi/tables/CCEL} (mode 0400).
   *
   * @throws java.nio.file.NoSuchFileException if the firmware has left none
   * @throws IOException if it cannot be read or is not such a table
   */
  public static CcelTable read(Path file) throws IOException {
    byte[] table;
    try (var in = Files.newInputStream(file)) {
      table = in.readNBytes(SIZE_BYTES + 1);
    }
    try {
      return parse(Bytes.owning(table));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Parses the table.
   *
   * @throws IllegalArgumentException if it is none; names field, value and need
   */
  public static CcelTable parse(Bytes table) {
    if (table.length() != SIZE_BYTES || !table.startsWith(SIGNATURE)) {
      throw new IllegalArgumentException(
          "%d bytes that begin with %s; a CCEL table has %d and begins with %s"
              .formatted(
                  table.length(),
                  table.slice(0, Math.min(table.length(), SIGNATURE.length())),
                  SIZE_BYTES,
                  SIGNATURE));
    }
    ByteBuffer in = table.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (in.getInt(LENGTH) != SIZE_BYTES) {
      throw new IllegalArgumentException(
          "length %s, needs %d".formatted(Integer.toUnsignedString(in.getInt(LENGTH)), SIZE_BYTES));
    }
    int sum = 0;
    for (int i = 0; i < SIZE_BYTES; i++) {
      sum += table.at(i);
    }
    if ((sum & 0xFF) != 0) {
      throw new IllegalArgumentException("checksum: the bytes add up to %d".formatted(sum & 0xFF));
    }
    return new CcelTable(
        table.at(TYPE), table.at(TYPE + 1), in.getLong(AREA_BYTES), in.getLong(AREA_ADDRESS));
  }

  /** Returns whether the guest is one of TDX, so that the registers of the log are RTMRs. */
  public boolean isTdx() {
    return type == TDX;
  }

  /** Returns e.g. {@code TDX, 262144 bytes at 0xbedbf000}. */
  @Override
  public String toString() {
    return "%s, %s bytes at 0x%x"
        .formatted(
            isTdx() ? "TDX" : "type " + type + "." + subtype,
            Long.toUnsignedString(areaBytes),
            areaAddress);
  }
}
