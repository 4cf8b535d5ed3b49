package dev.cairn.evidence;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Everything in a document of evidence but the logs.
 *
 * @param epoch the life of the registers that the log belongs to
 * @param nonce what the verifier sent
 * @param quote what the hardware signed, and the values that it is about
 * @param explained the quoted registers that the log explains, by the word of who made the document
 */
public record EvidenceHead(
    String epoch, Bytes nonce, Quote quote, SortedSet<RegisterId> explained) {
  /** Copies the set. */
  public EvidenceHead {
    explained = Collections.unmodifiableSortedSet(new TreeSet<>(explained));
  }
}
