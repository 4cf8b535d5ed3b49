package dev.cairn.service;

import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A quote and the part of the log that belongs to it: records 0 to {@code position}, exclusive,
 * replay to the quoted value of every register in {@code explained}. Nothing behind it was extended
 * when the quote was made; nothing before it was missing.
 *
 * @param quote what the hardware signed
 * @param epoch the life of the registers
 * @param position how many records belong to it
 * @param offset their length as CEL-TLV, in bytes
 * @param explained the quoted registers that this log explains. The others are extended by somebody
 *     else, and their logs are elsewhere
 */
public record QuotedLog(
    Quote quote, String epoch, long position, long offset, SortedSet<RegisterId> explained) {
  /** Copies the set. */
  public QuotedLog {
    explained = Collections.unmodifiableSortedSet(new TreeSet<>(explained));
  }
}
