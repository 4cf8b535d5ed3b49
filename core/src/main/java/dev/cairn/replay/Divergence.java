package dev.cairn.replay;

import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Set;

/**
 * Why a register may hold another value than its log replays to.
 *
 * @param register which register
 * @param banks in which banks it does
 * @param cause the explanation that was found
 * @param records the records to look at, the most suspect first; at most 16
 * @param message the explanation for people, with the records in it
 */
public record Divergence(
    RegisterId register,
    Set<HashAlgorithm> banks,
    Cause cause,
    List<RecordRef> records,
    String message) {
  /** Explanations. */
  public enum Cause {
    /** No record extends the register. */
    NO_RECORD,
    /** A finding names a record of this register. */
    FINDING,
    /** The register holds the value after an earlier record. */
    TAIL,
    /** Without one record, the log replays to the given values. */
    SURPLUS_RECORD,
    /** With two neighbours exchanged, it does. */
    SWAPPED_RECORDS,
    /** With one more record of known content at one place, it does. */
    MISSING_RECORD,
    /** Other banks agree: a digest that no content vouches for is wrong. */
    DIGEST_OF_ONE_BANK,
    /** No single fault of a record explains it. */
    UNKNOWN
  }

  /** Copies the collections. */
  public Divergence {
    banks = Set.copyOf(banks);
    records = List.copyOf(records);
  }
}
