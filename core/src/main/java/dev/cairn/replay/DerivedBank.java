package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A bank that an IMA list of another bank does not show and that the kernel extended all the same:
 * with its own hash of the template data, or (older kernels, and algorithms that were not loaded
 * when IMA started) with the SHA-1 digest padded with zeros. Nothing in the list says which, so
 * both are followed.
 *
 * @see "Linux security/integrity/ima/ima_crypto.c, ima_calc_field_array_hash; ima_queue.c"
 */
final class DerivedBank {
  private final HashAlgorithm source;
  private final HashAlgorithm target;
  private final Hashes hashes;
  private final Chain own;
  private final @Nullable Chain padded; // only a list of SHA-1 digests has what to pad
  private final byte[] scratch;
  private final byte[] violationPadded;

  /** Goes on from {@code start}, the value of the target bank before the first entry. */
  DerivedBank(HashAlgorithm source, Chain start, Hashes hashes) {
    this.source = source;
    this.target = start.bank();
    this.hashes = hashes;
    this.own = new Chain(start, hashes);
    this.padded = source == HashAlgorithm.SHA1 ? new Chain(start, hashes) : null;
    this.scratch = new byte[target.sizeBytes()];
    this.violationPadded = violation(target);
  }

  /** The kernel knows no SHA-3 bank and writes 20 bytes of ones there. */
  private static byte[] violation(HashAlgorithm bank) {
    boolean unknown =
        switch (bank) {
          case SHA3_256, SHA3_384, SHA3_512 -> true;
          default -> false;
        };
    byte[] ones = new byte[bank.sizeBytes()];
    int length = unknown ? HashAlgorithm.SHA1.sizeBytes() : ones.length;
    Arrays.fill(ones, 0, length, (byte) 0xFF);
    return ones;
  }

  /**
   * Extends what the kernel did for an entry.
   *
   * @param template what the template's digest is the hash of
   * @param logged the digest in the source bank
   */
  void extendEntry(Bytes template, Digest logged, boolean violation, Place place) {
    if (violation) {
      own.extend(Ones.of(target), place);
      if (padded != null) {
        padded.extend(violationPadded, place);
      }
      return;
    }
    MessageDigest digest = hashes.of(target);
    template.feed(digest);
    Hashes.finish(digest, target, scratch);
    own.extend(scratch, place);
    if (padded != null) {
      Arrays.fill(scratch, (byte) 0);
      logged.value().copyTo(scratch, 0);
      padded.extend(scratch, place);
    }
  }

  /** Extends {@code digest}, which a record shows for the target bank itself. */
  void extend(Bytes digest, Place place) {
    own.extend(digest, place);
    if (padded != null) {
      padded.extend(digest, place);
    }
  }

  void set(Bytes start) {
    own.set(start);
    if (padded != null) {
      padded.set(start);
    }
  }

  HashAlgorithm source() {
    return source;
  }

  HashAlgorithm target() {
    return target;
  }

  Chain own() {
    return own;
  }

  @Nullable Chain padded() {
    return padded;
  }
}
