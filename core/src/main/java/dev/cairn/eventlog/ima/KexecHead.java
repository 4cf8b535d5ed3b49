package dev.cairn.eventlog.ima;

import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What stands before a measurement list that kexec carries over.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0     2  version 1
 *      2     2  0
 *      4     4  0
 *      8     8  size of the list with this head
 *     16     8  number of records
 * </pre>
 *
 * @param bytes size of the list with this head
 * @param records how many there are
 * @see "Linux security/integrity/ima/ima.h, ima_kexec_hdr"
 */
record KexecHead(long bytes, long records) {
  static final int SIZE = Short.BYTES + Short.BYTES + Integer.BYTES + Long.BYTES + Long.BYTES;

  private static final long VERSION_1 = 1; // with the zeros behind it, as one u64
  private static final int SHORTEST_RECORD = 4 + 20 + 4 + 1;

  /** A list of PCR 1 could begin alike, but its digest then says an absurd size. */
  static Optional<KexecHead> parse(Bytes head) {
    if (head.length() < SIZE) {
      return Optional.empty();
    }
    ByteBuffer in = head.toReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (in.getLong() != VERSION_1) {
      return Optional.empty();
    }
    long bytes = in.getLong();
    long records = in.getLong();
    boolean plausible =
        bytes >= SIZE && records >= 0 && records <= (bytes - SIZE) / SHORTEST_RECORD;
    return plausible ? Optional.of(new KexecHead(bytes, records)) : Optional.empty();
  }
}
