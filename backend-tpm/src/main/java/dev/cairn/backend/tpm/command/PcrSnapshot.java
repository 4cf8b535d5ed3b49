package dev.cairn.backend.tpm.command;

import dev.cairn.measure.DigestSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Values of several PCRs at one moment. PCR 16 and 21 to 23 do not count their changes: where more
 * values were read than fit one response, theirs may be of different moments.
 *
 * @param updateCounter how often PCRs have changed, modulo 2^32; not for use as an identity
 * @param selection what there was of the selection asked for: a bank that is not allocated drops
 *     out
 * @param values by PCR
 * @see "TPM 2.0 Library Part 3, TPM2_PCR_Read"
 */
public record PcrSnapshot(
    long updateCounter, PcrSelection selection, SortedMap<Integer, DigestSet> values) {
  /** Copies the map. */
  public PcrSnapshot {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }
}
