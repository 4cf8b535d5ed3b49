package dev.cairn.backend.tpm.command;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which PCR may be treated how, as the TPM itself says.
 *
 * @param pcrs bitmaps by TPM_PT_PCR, PCR 0 the lowest bit
 */
public record PcrAttributes(SortedMap<Integer, Integer> pcrs) {
  /** Copies the map. */
  public PcrAttributes {
    pcrs = Collections.unmodifiableSortedMap(new TreeMap<>(pcrs));
  }

  /** Returns whether {@code pcr} has {@code attribute}. */
  public boolean has(int pcr, PcrAttribute attribute) {
    return (pcrs.getOrDefault(attribute.property(), 0) >>> pcr & 1) != 0;
  }
}
