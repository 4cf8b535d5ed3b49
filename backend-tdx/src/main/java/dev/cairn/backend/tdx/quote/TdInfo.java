package dev.cairn.backend.tdx.quote;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the TDX module says about a guest; the same bytes in a TDREPORT and in a quote.
 *
 * <pre>
 * offset  size  field
 *      0     8  attributes
 *      8     8  xfam
 *     16    48  MRTD
 *     64    48  MRCONFIGID
 *    112    48  MROWNER
 *    160    48  MROWNERCONFIG
 *    208  4×48  RTMR0 … RTMR3
 * </pre>
 *
 * @param attributes bits, byte 0 first; byte 0 is zero unless the guest can be debugged
 * @param xfam which processor features the guest has, 8 bytes
 * @param mrtd how the guest was built, SHA-384
 * @param mrConfigId chosen by the host at the start, 48 bytes
 * @param mrOwner chosen by the host at the start, 48 bytes
 * @param mrOwnerConfig chosen by the host at the start, 48 bytes
 * @param rtmrs the four run-time registers, SHA-384 each
 * @see "Intel TDX Module ABI, TDINFO_STRUCT (TDINFO_BASE)"
 */
public record TdInfo(
    Bytes attributes,
    Bytes xfam,
    Bytes mrtd,
    Bytes mrConfigId,
    Bytes mrOwner,
    Bytes mrOwnerConfig,
    List<Bytes> rtmrs) {
  static final int FLAGS_BYTES = 8;
  static final int REGISTER_BYTES = HashAlgorithm.SHA384.sizeBytes();
  static final int RTMRS = 4;

  /** Copies the list. */
  public TdInfo {
    rtmrs = List.copyOf(rtmrs);
  }

  /** Reads from the current position of {@code in} on. */
  static TdInfo read(PartReader in) throws MalformedEvidenceException {
    Bytes attributes = in.bytes("attributes", FLAGS_BYTES);
    Bytes xfam = in.bytes("xfam", FLAGS_BYTES);
    Bytes mrtd = in.bytes("MRTD", REGISTER_BYTES);
    Bytes mrConfigId = in.bytes("MRCONFIGID", REGISTER_BYTES);
    Bytes mrOwner = in.bytes("MROWNER", REGISTER_BYTES);
    Bytes mrOwnerConfig = in.bytes("MROWNERCONFIG", REGISTER_BYTES);
    List<Bytes> rtmrs = new ArrayList<>();
    for (int i = 0; i < RTMRS; i++) {
      rtmrs.add(in.bytes("RTMR" + i, REGISTER_BYTES));
    }
    return new TdInfo(attributes, xfam, mrtd, mrConfigId, mrOwner, mrOwnerConfig, rtmrs);
  }

  /** Returns MRTD and the four RTMRs, ascending; unmodifiable. */
  public SortedMap<RegisterId, DigestSet> values() {
    SortedMap<RegisterId, DigestSet> values = new TreeMap<>();
    values.put(RegisterId.MRTD, value(mrtd));
    for (int i = 0; i < RTMRS; i++) {
      values.put(RegisterId.rtmr(i), value(rtmrs.get(i)));
    }
    return Collections.unmodifiableSortedMap(values);
  }

  private static DigestSet value(Bytes bytes) {
    return DigestSet.of(new Digest(HashAlgorithm.SHA384, bytes));
  }

  /**
   * Returns whether the host can look into the guest and change it: any of the eight bits of the
   * group "TD under debug".
   */
  public boolean underDebug() {
    return attributes.at(0) != 0;
  }
}
