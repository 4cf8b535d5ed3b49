package dev.cairn.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * At most one value per bank, in ascending order of the TPM algorithm number: the digests of one
 * extend, or the value of one register. Immutable; equal by content.
 */
public final class DigestSet implements Iterable<Digest> {
  /** No bank at all. */
  public static final DigestSet EMPTY = new DigestSet(new Digest[0]);

  private final Digest[] ascending;

  private DigestSet(Digest[] ascending) {
    this.ascending = ascending;
  }

  /**
   * Orders {@code digests}.
   *
   * @throws IllegalArgumentException if two of them are of one bank
   */
  public static DigestSet of(Collection<Digest> digests) {
    Digest[] array = digests.toArray(new Digest[0]);
    Arrays.sort(array, (a, b) -> a.algorithm().compareTo(b.algorithm()));
    for (int i = 1; i < array.length; i++) {
      if (array[i - 1].algorithm() == array[i].algorithm()) {
        throw new IllegalArgumentException("two digests of " + array[i].algorithm().bank());
      }
    }
    return array.length == 0 ? EMPTY : new DigestSet(array);
  }

  /**
   * Takes digests that are known to be ascending and of different banks; the array becomes ours.
   */
  static DigestSet ofAscending(Digest[] ascending) {
    return ascending.length == 0 ? EMPTY : new DigestSet(ascending);
  }

  /** Returns what {@link #of(Collection)} does. */
  public static DigestSet of(Digest... digests) {
    return of(Arrays.asList(digests));
  }

  /** Returns a set with {@code filler} in every byte of every one of {@code banks}. */
  public static DigestSet filled(Collection<HashAlgorithm> banks, int filler) {
    List<Digest> digests = new ArrayList<>(banks.size());
    for (HashAlgorithm bank : banks) {
      digests.add(new Digest(bank, Bytes.filled(bank.sizeBytes(), filler)));
    }
    return of(digests);
  }

  /** Returns how many banks there are. */
  public int size() {
    return ascending.length;
  }

  /** Returns whether there are none. */
  public boolean isEmpty() {
    return ascending.length == 0;
  }

  /** Returns the digest at {@code index}, counted in ascending order from 0. */
  public Digest at(int index) {
    return ascending[index];
  }

  /** Returns the digest of {@code bank}, or null where it has none. */
  public @Nullable Digest find(HashAlgorithm bank) {
    for (Digest digest : ascending) {
      if (digest.algorithm() == bank) {
        return digest;
      }
    }
    return null;
  }

  /** Returns the digest of {@code bank}, where it has one. */
  public Optional<Digest> get(HashAlgorithm bank) {
    return Optional.ofNullable(find(bank));
  }

  /** Returns the banks in ascending order. */
  public List<HashAlgorithm> banks() {
    List<HashAlgorithm> banks = new ArrayList<>(ascending.length);
    for (Digest digest : ascending) {
      banks.add(digest.algorithm());
    }
    return List.copyOf(banks);
  }

  /** Returns whether it has exactly {@code banks}, in whatever order they come. */
  public boolean hasExactly(Collection<HashAlgorithm> banks) {
    return banks.size() == ascending.length && banks.containsAll(banks());
  }

  @Override
  public Iterator<Digest> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < ascending.length;
      }

      @Override
      public Digest next() {
        if (next == ascending.length) {
          throw new NoSuchElementException();
        }
        return ascending[next++];
      }
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DigestSet set && Arrays.equals(ascending, set.ascending);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ascending);
  }

  @Override
  public String toString() {
    return Arrays.toString(ascending);
  }
}
