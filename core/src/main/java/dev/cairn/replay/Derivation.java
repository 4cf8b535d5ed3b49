package dev.cairn.replay;

import dev.cairn.measure.HashAlgorithm;
import java.util.Set;

/**
 * Which banks to compute for IMA lists that do not show them.
 *
 * @param banks the banks wanted
 * @param fromAnyBank false: only for lists of SHA-1 digests, the one kind that stands alone
 */
record Derivation(Set<HashAlgorithm> banks, boolean fromAnyBank) {
  /** SHA-256 for lists of SHA-1 digests: what nearly every TPM holds besides. */
  static final Derivation DEFAULT = new Derivation(Set.of(HashAlgorithm.SHA256), false);

  Derivation {
    banks = Set.copyOf(banks);
  }

  boolean wants(HashAlgorithm source, HashAlgorithm target) {
    return source != target
        && banks.contains(target)
        && (fromAnyBank || source == HashAlgorithm.SHA1);
  }
}
