package dev.cairn.coco;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.util.List;

/**
 * The first record of a log that no firmware began: a TCG header whose signature and version are
 * zeros, which declares the hash algorithms.
 *
 * <pre>
 * name       bytes  algorithms                 written by
 * UPSTREAM      73  SHA-256, SHA-384, SM3      guest-components since pull request 1605
 * LEGACY        69  SHA-384, SM3               guest-components before
 * FORK          73  SHA-384, SM3, SHA-256      trustiflux
 * </pre>
 */
public enum LogHeader {
  /** The newest. */
  UPSTREAM(
      List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SM3_256),
      "0000000003000000000000000000000000000000000000000000000029000000"
          + "000000000000000000000000000000000000000000000000030000000b0020000c0030001200200000"),
  /** For verifiers that compare it with the old one. */
  LEGACY(
      List.of(HashAlgorithm.SHA384, HashAlgorithm.SM3_256),
      "0000000003000000000000000000000000000000000000000000000025000000"
          + "000000000000000000000000000000000000000000000000020000000c0030001200200000"),
  /** For the fork's verifier. */
  FORK(
      List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SM3_256),
      "0000000003000000000000000000000000000000000000000000000029000000"
          + "000000000000000000000000000000000000000000000000030000000c003000120020000b00200000");

  @SuppressWarnings("ImmutableEnumChecker") // a copied list of enum constants
  private final List<HashAlgorithm> algorithms;

  @SuppressWarnings("ImmutableEnumChecker") // immutable
  private final Bytes bytes;

  LogHeader(List<HashAlgorithm> algorithms, String hex) {
    this.algorithms = List.copyOf(algorithms);
    this.bytes = Bytes.fromHex(hex);
  }

  /** Returns the record. */
  public Bytes bytes() {
    return bytes;
  }

  /** Returns whether a log behind it may hold digests of {@code algorithm}. */
  public boolean declares(HashAlgorithm algorithm) {
    return algorithms.contains(algorithm);
  }
}
