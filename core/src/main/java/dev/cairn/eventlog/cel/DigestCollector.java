package dev.cairn.eventlog.cel;

import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the digests of one record as they come and gives them out in order. */
final class DigestCollector {
  private final int max;
  private final List<Digest> known = new ArrayList<>(4);
  private final List<UnknownDigest> unknown = new ArrayList<>(0);

  DigestCollector(int max) {
    this.max = max;
  }

  void clear() {
    known.clear();
    unknown.clear();
  }

  /** Adds a digest, or returns what is wrong with it. */
  @Nullable String add(int algorithmId, Bytes value) {
    if (known.size() + unknown.size() >= max) {
      return "digests: at most " + max;
    }
    Optional<HashAlgorithm> algorithm = HashAlgorithm.ofTpmId(algorithmId);
    if (algorithm.isEmpty()) {
      return addUnknown(algorithmId, value);
    }
    HashAlgorithm bank = algorithm.get();
    if (value.length() != bank.sizeBytes()) {
      return "%s digest: %d bytes, needs %d"
          .formatted(bank.bank(), value.length(), bank.sizeBytes());
    }
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).algorithm() == bank) {
        return "two digests of " + bank.bank();
      }
    }
    known.add(new Digest(bank, value));
    return null;
  }

  private @Nullable String addUnknown(int algorithmId, Bytes value) {
    if (value.length() > CelTlvLayout.MAX_DIGEST) {
      return "digest of algorithm 0x%04X: %d bytes, at most %d"
          .formatted(algorithmId, value.length(), CelTlvLayout.MAX_DIGEST);
    }
    for (UnknownDigest digest : unknown) {
      if (digest.algorithmId() == algorithmId) {
        return "two digests of algorithm 0x%04X".formatted(algorithmId);
      }
    }
    unknown.add(new UnknownDigest(algorithmId, value));
    return null;
  }

  boolean isEmpty() {
    return known.isEmpty() && unknown.isEmpty();
  }

  DigestSet known() {
    return DigestSet.of(known);
  }

  List<UnknownDigest> unknown() {
    if (unknown.isEmpty()) {
      return List.of();
    }
    unknown.sort(Comparator.comparingInt(UnknownDigest::algorithmId));
    return List.copyOf(unknown);
  }
}
