package dev.cairn.measure;

/**
 * A value as long as one bank's hash: what an extend takes, or what a register holds in that bank.
 *
 * @param algorithm the bank
 * @param value exactly {@link HashAlgorithm#sizeBytes()} bytes
 */
public record Digest(HashAlgorithm algorithm, Bytes value) {
  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if {@code value} has not the length of {@code algorithm}
   */
  public Digest {
    if (value.length() != algorithm.sizeBytes()) {
      throw new IllegalArgumentException(
          "%s: %d bytes, needs %d"
              .formatted(algorithm.bank(), value.length(), algorithm.sizeBytes()));
    }
  }

  /** Returns {@code bank:hex}. */
  @Override
  public String toString() {
    return algorithm.bank() + ":" + value.toHex();
  }
}
