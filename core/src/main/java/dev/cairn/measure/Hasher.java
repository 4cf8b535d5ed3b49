package dev.cairn.measure;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The two computations that everything rests on, with the digest objects kept between calls. Not
 * for use by two threads at once.
 */
public final class Hasher {
  private final Map<HashAlgorithm, MessageDigest> digests = new EnumMap<>(HashAlgorithm.class);

  /** Returns the digest of {@code data} in {@code bank}. */
  public Digest hash(HashAlgorithm bank, Bytes data) {
    MessageDigest digest = digestOf(bank);
    data.feed(digest);
    return new Digest(bank, Bytes.owning(digest.digest()));
  }

  /** Returns the digests of {@code data} in all of {@code banks}. */
  public DigestSet hash(Collection<HashAlgorithm> banks, Bytes data) {
    List<Digest> result = new ArrayList<>(banks.size());
    for (HashAlgorithm bank : banks) {
      result.add(hash(bank, data));
    }
    return DigestSet.of(result);
  }

  /**
   * Returns what a register with {@code value} holds after an extend: {@code H(value ‖ digest)}.
   *
   * @throws IllegalArgumentException if the two are of different banks
   */
  public Digest extend(Digest value, Digest digest) {
    if (value.algorithm() != digest.algorithm()) {
      throw new IllegalArgumentException(
          "a %s register takes no %s digest"
              .formatted(value.algorithm().bank(), digest.algorithm().bank()));
    }
    MessageDigest hash = digestOf(value.algorithm());
    value.value().feed(hash);
    digest.value().feed(hash);
    return new Digest(value.algorithm(), Bytes.owning(hash.digest()));
  }

  /**
   * Extends every bank of {@code value}.
   *
   * @throws IllegalArgumentException if {@code digests} has not exactly the same banks
   */
  public DigestSet extend(DigestSet value, DigestSet digests) {
    if (value.size() != digests.size()) {
      throw new IllegalArgumentException(
          "register has banks %s, digests are of %s".formatted(value.banks(), digests.banks()));
    }
    Digest[] result = new Digest[value.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = extend(value.at(i), digests.at(i));
    }
    return DigestSet.ofAscending(result);
  }

  /** Returns the digest object of {@code bank}, reset; it stays this hasher's. */
  public MessageDigest digestOf(HashAlgorithm bank) {
    return digests.computeIfAbsent(bank, HashAlgorithm::newDigest);
  }
}
