package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Register values that are almost right. */
final class Values {
  private Values() {}

  static DigestSet flipOneBit(DigestSet value, Random random) {
    List<Digest> digests = new ArrayList<>();
    value.forEach(digests::add);
    int at = random.nextInt(digests.size());
    Digest digest = digests.get(at);
    byte[] bytes = digest.value().toArray();
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    digests.set(at, new Digest(digest.algorithm(), Bytes.owning(bytes)));
    return DigestSet.of(digests);
  }
}
