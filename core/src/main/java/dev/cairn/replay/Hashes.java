package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.Map;

/** The digest objects and the scratch of one replay: nothing is allocated per record. */
final class Hashes {
  static final int MAX_SIZE = 64;

  private final Map<HashAlgorithm, MessageDigest> digests = new EnumMap<>(HashAlgorithm.class);
  private final byte[] scratch = new byte[MAX_SIZE];

  MessageDigest of(HashAlgorithm bank) {
    MessageDigest digest = digests.get(bank);
    if (digest == null) {
      digest = bank.newDigest();
      digests.put(bank, digest);
    }
    return digest;
  }

  /** Ends the hash that {@code digest}, of {@code bank}, was fed for, into {@code target}. */
  static void finish(MessageDigest digest, HashAlgorithm bank, byte[] target) {
    try {
      int written = digest.digest(target, 0, bank.sizeBytes());
      if (written != bank.sizeBytes()) {
        throw new IllegalStateException(bank.bank() + ": digest of " + written + " bytes");
      }
    } catch (DigestException e) {
      throw new IllegalStateException(bank.bank() + ": " + e.getMessage(), e);
    }
  }

  /** Returns whether {@code expected} is the hash that {@code digest}, of {@code bank}, was fed. */
  boolean finishAndCompare(MessageDigest digest, HashAlgorithm bank, Bytes expected) {
    finish(digest, bank, scratch);
    return expected.isAt(scratch, 0);
  }
}
