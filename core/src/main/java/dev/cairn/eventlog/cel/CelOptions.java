package dev.cairn.eventlog.cel;

import dev.cairn.measure.HashAlgorithm;
import java.util.List;

/**
 * How CEL-JSON and CEL-CBOR are written.
 *
 * @param registers how RTMRs are named
 * @param versionFirst whether an unmeasured cel_version 1.1 comes first, unless the log begins with
 *     one. It takes the first record's register and number, and the later records of that register
 *     get numbers higher by one: what is read then are not the same records
 * @param zeroDigests CBOR only, which has no record without a digest: the banks in which an
 *     unmeasured record that has none gets zeros. Where there are none, it is refused
 */
public record CelOptions(
    RegisterSpelling registers, boolean versionFirst, List<HashAlgorithm> zeroDigests) {
  /** Changes no record: the same records are read back, or a record is refused. */
  public static final CelOptions LOSSLESS =
      new CelOptions(RegisterSpelling.CCMR_KEY, false, List.of());

  /** Copies the list. */
  public CelOptions {
    zeroDigests = List.copyOf(zeroDigests);
  }
}
