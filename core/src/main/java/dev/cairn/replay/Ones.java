package dev.cairn.replay;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What IMA extends for a violation: as many bytes 0xFF as the bank has. */
final class Ones {
  private static final Map<HashAlgorithm, Bytes> BY_BANK = new EnumMap<>(HashAlgorithm.class);

  static {
    for (HashAlgorithm bank : HashAlgorithm.values()) {
      BY_BANK.put(bank, Bytes.filled(bank.sizeBytes(), 0xFF));
    }
  }

  private Ones() {}

  static Bytes of(HashAlgorithm bank) {
    return Objects.requireNonNull(BY_BANK.get(bank));
  }
}
