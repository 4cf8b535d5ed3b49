package dev.cairn.measure;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Register values that hardware has signed.
 *
 * <pre>
 * type       parts
 * tpm2       attest (TPMS_ATTEST), signature (TPMT_SIGNATURE), public (TPMT_PUBLIC of the key), key
 *            (the same as SubjectPublicKeyInfo); where the platform has one: certificate (DER),
 *            hcl_report (Azure's), ek_public (TPMT_PUBLIC of the endorsement key)
 * tdx        quote (TDX quote, version 4 or 5)
 * emulator   report; signed by nobody
 * </pre>
 *
 * @param type which of these
 * @param parts by name, as the hardware gave them
 * @param values of the registers and banks quoted
 */
public record Quote(
    String type, SortedMap<String, Bytes> parts, SortedMap<RegisterId, DigestSet> values) {
  /** Copies the maps. */
  public Quote {
    parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** Makes a quote from maps in any order. */
  public static Quote of(String type, Map<String, Bytes> parts, Map<RegisterId, DigestSet> values) {
    return new Quote(type, new TreeMap<>(parts), new TreeMap<>(values));
  }
}
