package dev.cairn.eventlog.tcg;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.List;

/**
 * How a crypto-agile log is written.
 *
 * @param banks what the header declares, in this order, unless the first record is a header itself;
 *     empty for the banks of the first record
 * @param emptyLogKind whose numbering the header of a log without records announces
 * @param endMark whether eight bytes 0xFF follow the last record, as in a CCEL
 */
public record Tcg2Options(
    List<HashAlgorithm> banks, RegisterId.Kind emptyLogKind, boolean endMark) {
  /** Banks of the first record, no end mark. */
  public static final Tcg2Options DEFAULT = new Tcg2Options(List.of(), RegisterId.Kind.PCR, false);

  /** Copies the list. */
  public Tcg2Options {
    banks = List.copyOf(banks);
  }

  /** Returns these options with other banks. */
  public Tcg2Options withBanks(List<HashAlgorithm> otherBanks) {
    return new Tcg2Options(otherBanks, emptyLogKind, endMark);
  }

  /** Returns these options with or without an end mark. */
  public Tcg2Options withEndMark(boolean mark) {
    return new Tcg2Options(banks, emptyLogKind, mark);
  }
}
