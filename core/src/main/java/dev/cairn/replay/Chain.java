package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The running value of one register in one bank, and whether it was ever the expected one. */
final class Chain {
  private final HashAlgorithm bank;
  private final MessageDigest digest;
  private final byte[] value;
  private final @Nullable Bytes expected;
  private long length; // extends so far
  private long matchedAt = -1; // length at which the value was last the expected one
  private @Nullable RecordRef matchedAfter;
  private final @Nullable History history;

  Chain(
      HashAlgorithm bank,
      Hashes hashes,
      Bytes start,
      @Nullable Bytes expected,
      @Nullable History history) {
    this.bank = bank;
    this.digest = hashes.of(bank);
    this.value = start.toArray();
    this.expected = expected;
    this.history = history;
    if (history != null) {
      history.restart(start);
    }
    if (expected != null && expected.isAt(value, 0)) {
      matchedAt = 0;
    }
  }

  /** A chain that goes on from where {@code other} is. */
  Chain(Chain other, Hashes hashes) {
    this(
        other.bank,
        hashes,
        other.value().value(),
        other.expected,
        other.history == null ? null : new History());
    if (history != null && other.history != null) {
      history.copy(other.history);
    }
    this.length = other.length;
    this.matchedAt = matchedAt == 0 ? length : -1;
  }

  void extend(Bytes measured, Place place) {
    digest.update(value);
    measured.feed(digest);
    if (history != null) {
      history.add(measured, place);
    }
    finish(place);
  }

  void extend(byte[] measured, Place place) {
    digest.update(value);
    digest.update(measured, 0, value.length);
    if (history != null) {
      history.add(Bytes.copyOf(measured, 0, value.length), place);
    }
    finish(place);
  }

  private void finish(Place place) {
    Hashes.finish(digest, bank, value);
    length++;
    if (expected != null && expected.isAt(value, 0)) {
      matchedAt = length;
      matchedAfter = place.ref();
    }
  }

  /** Sets the value, as a reset or a recorded start value does. */
  void set(Bytes start) {
    start.copyTo(value, 0);
    if (history != null) {
      history.restart(start);
    }
    if (expected != null && expected.isAt(value, 0)) {
      matchedAt = length;
      matchedAfter = null;
    }
  }

  HashAlgorithm bank() {
    return bank;
  }

  Digest value() {
    return new Digest(bank, Bytes.copyOf(value));
  }

  boolean is(Bytes other) {
    return other.isAt(value, 0);
  }

  /** Returns what was extended since the last start value; null if nobody asked to remember. */
  @Nullable History history() {
    return history;
  }

  long length() {
    return length;
  }

  /** Returns after how many extends the value was the expected one, or -1 if it never was. */
  long matchedAt() {
    return matchedAt;
  }

  /** Returns the record after which it was; null if that is before the first. */
  @Nullable RecordRef matchedAfter() {
    return matchedAfter;
  }
}
