package dev.cairn.eventlog.systemd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.cairn.eventlog.UnknownDigest;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The digests of one record: names or TPM numbers of algorithms, in any case, each once. */
record RecordDigests(DigestSet known, List<UnknownDigest> unknown) {
  private static final Pattern NUMBER = Pattern.compile("0x[0-9a-f]{4}");
  private static final int MAX_ALGORITHM = 0xFFFF;
  private static final int MAX_UNKNOWN_BYTES = 128;
  private static final int UNNAMED = -1;

  static RecordDigests read(RecordParser parser, JsonParser json, int max) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw parser.malformed("digests: needs an array");
    }
    Map<HashAlgorithm, Digest> known = new TreeMap<>();
    Map<Integer, UnknownDigest> unknown = new TreeMap<>();
    for (int count = 1; json.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count > max) {
        throw parser.malformed("digests: at most " + max);
      }
      readOne(parser, json, known, unknown);
    }
    return new RecordDigests(DigestSet.of(known.values()), List.copyOf(unknown.values()));
  }

  private static void readOne(
      RecordParser parser,
      JsonParser json,
      Map<HashAlgorithm, Digest> known,
      Map<Integer, UnknownDigest> unknown)
      throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw parser.malformed("digests: needs objects");
    }
    Integer algorithm = null;
    Bytes value = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      JsonToken token = json.nextToken();
      switch (key) {
        case "hashAlg" ->
            algorithm =
                token == JsonToken.VALUE_NUMBER_INT
                    ? Integer.valueOf((int) parser.number(key, MAX_ALGORITHM))
                    : algorithmId(parser.text(key));
        case "digest" -> value = hex(parser, parser.text(key));
        default -> json.skipChildren();
      }
    }
    if (algorithm == null || value == null) {
      throw parser.malformed("digests: each needs hashAlg and digest");
    }
    add(parser, algorithm, value, known, unknown);
  }

  /** Returns the TPM_ALG_ID that {@code name} means. */
  private static int algorithmId(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (NUMBER.matcher(lower).matches()) {
      return Integer.parseInt(lower.substring(2), 16);
    }
    return HashAlgorithm.ofBank(lower.equals("sha") ? "sha1" : lower)
        .map(HashAlgorithm::tpmId)
        .orElse(UNNAMED);
  }

  private static Bytes hex(RecordParser parser, String digits) throws IOException {
    try {
      return Bytes.fromHex(digits);
    } catch (IllegalArgumentException e) {
      throw parser.malformed("digest: needs an even number of hexadecimal digits");
    }
  }

  private static void add(
      RecordParser parser,
      int algorithm,
      Bytes value,
      Map<HashAlgorithm, Digest> known,
      Map<Integer, UnknownDigest> unknown)
      throws IOException {
    if (algorithm == UNNAMED) {
      return; // of no bank that anybody could compare it with
    }
    Optional<HashAlgorithm> bank = HashAlgorithm.ofTpmId(algorithm);
    Object twice;
    if (bank.isPresent()) {
      twice = known.put(bank.get(), digest(parser, bank.get(), value));
    } else {
      if (value.length() > MAX_UNKNOWN_BYTES) {
        throw parser.malformed("digest: at most %d bytes".formatted(MAX_UNKNOWN_BYTES));
      }
      twice = unknown.put(algorithm, new UnknownDigest(algorithm, value));
    }
    if (twice != null) {
      throw parser.malformed("two digests of algorithm 0x%04X".formatted(algorithm));
    }
  }

  private static Digest digest(RecordParser parser, HashAlgorithm bank, Bytes value)
      throws IOException {
    if (value.length() != bank.sizeBytes()) {
      throw parser.malformed(
          "%s digest: %d bytes, needs %d".formatted(bank.bank(), value.length(), bank.sizeBytes()));
    }
    return new Digest(bank, value);
  }
}
