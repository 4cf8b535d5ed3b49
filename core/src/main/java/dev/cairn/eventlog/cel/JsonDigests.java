package dev.cairn.eventlog.cel;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import java.io.IOException;
import java.util.List;

/** The digests of one record, ascending, at most one of an algorithm. */
record JsonDigests(DigestSet known, List<UnknownDigest> unknown) {
  static JsonDigests read(JsonSource source, int max) throws IOException {
    source.require(JsonNames.DIGESTS, JsonToken.START_ARRAY, "an array");
    DigestCollector digests = new DigestCollector(max);
    while (source.parser().nextToken() != JsonToken.END_ARRAY) {
      source.require(JsonNames.DIGESTS, JsonToken.START_OBJECT, "objects");
      readOne(source, digests);
    }
    return new JsonDigests(digests.known(), digests.unknown());
  }

  private static void readOne(JsonSource source, DigestCollector digests) throws IOException {
    JsonParser parser = source.parser();
    int algorithm = -1;
    Bytes value = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case JsonNames.HASH_ALG -> {
          algorithm = JsonNames.algorithmId(source.text(key));
          if (algorithm < 0) {
            throw source.malformed("hashAlg: needs a name such as sha384, or 0x and four digits");
          }
        }
        case JsonNames.DIGEST -> value = source.hex(key);
        default -> throw source.malformed("unknown key: a digest has hashAlg and digest");
      }
    }
    if (algorithm < 0 || value == null) {
      throw source.malformed("digests: each needs hashAlg and digest");
    }
    String problem = digests.add(algorithm, value);
    if (problem != null) {
      throw source.malformed(problem);
    }
  }
}
