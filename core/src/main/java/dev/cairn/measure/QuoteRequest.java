package dev.cairn.measure;

import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a quote should show.
 *
 * @param nonce what the verifier chose, so that it knows that the quote is fresh; at most 64 bytes
 * @param registers at least these; none: whatever the source quotes by itself
 * @param banks exactly these of every register; none: the ones that the source prefers
 */
public record QuoteRequest(
    Bytes nonce, SortedSet<RegisterId> registers, SortedSet<HashAlgorithm> banks) {
  /** The longest nonce that every source takes: TDX report data has 64 bytes. */
  public static final int MAX_NONCE_BYTES = 64;

  /**
   * Copies the sets.
   *
   * @throws IllegalArgumentException if the nonce is too long
   */
  public QuoteRequest {
    if (nonce.length() > MAX_NONCE_BYTES) {
      throw new IllegalArgumentException(
          "nonce: %d bytes, at most %d: hash it".formatted(nonce.length(), MAX_NONCE_BYTES));
    }
    registers = Collections.unmodifiableSortedSet(new TreeSet<>(registers));
    banks = Collections.unmodifiableSortedSet(new TreeSet<>(banks));
  }

  /** Asks for what the source quotes by itself. */
  public static QuoteRequest of(Bytes nonce) {
    return new QuoteRequest(nonce, new TreeSet<>(Set.of()), new TreeSet<>(Set.of()));
  }
}
