package dev.cairn.backend.tpm.quote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * What Azure's host puts beside the attestation key of a vTPM: a report of the processor over JSON
 * that names the key.
 *
 * <pre>
 * offset  size  field (little-endian)
 *      0    32  "HCLA", version, size, kind of request, status, reserved
 *     32  1184  report of the processor: SEV-SNP (report data at 0x50) or TDREPORT (at 128)
 *   1216    20  size, version, 2 = SEV-SNP or 4 = TDX, hash (1 = SHA-256, 2 = 384, 3 = 512), n
 *   1236     n  JSON: {"keys": [{"kid": "HCLAkPub", "kty": "RSA", "n": …, "e": …}, …], …}
 * </pre>
 *
 * @param modulus of the key HCLAkPub
 * @param exponent of the key HCLAkPub
 * @param bound whether the processor's report carries the hash of the JSON
 * @see "kinvolk/azure-cvm-tooling az-cvm-vtpm (hcl)"
 */
record HclReport(BigInteger modulus, BigInteger exponent, boolean bound) {
  /** Name of the part of the quote. */
  static final String PART = "hcl_report";

  private static final int MAGIC = 0x414C4348; // "HCLA"
  private static final int REPORT = 32;
  private static final int REQUEST = 1216;
  private static final int JSON = 1236;
  private static final int SNP = 2;
  private static final int TDX = 4;
  private static final int SNP_REPORT_DATA = 0x50;
  private static final int TDX_REPORT_DATA = 128;
  private static final String KEY = "HCLAkPub";
  private static final int MOST_TEXT = 4096;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxStringLength(MOST_TEXT)
                  .maxNameLength(MOST_TEXT)
                  .build())
          .build();

  static HclReport parse(Bytes report) throws MalformedEvidenceException {
    if (report.length() < JSON) {
      throw refuse("%d bytes, needs at least %d".formatted(report.length(), JSON));
    }
    ByteBuffer in = ByteBuffer.wrap(report.toArray()).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getInt(0) != MAGIC) {
      throw refuse("offset 0: 0x%08x, needs 'HCLA'".formatted(in.getInt(0)));
    }
    int kind = in.getInt(REQUEST + 8);
    int data =
        REPORT
            + switch (kind) {
              case SNP -> SNP_REPORT_DATA;
              case TDX -> TDX_REPORT_DATA;
              default ->
                  throw refuse(
                      "offset %d: kind of report %d, needs 2 (SEV-SNP) or 4 (TDX)"
                          .formatted(REQUEST + 8, kind));
            };
    HashAlgorithm hash = hash(in.getInt(REQUEST + 12));
    int length = in.getInt(REQUEST + 16);
    if (length < 0 || length > report.length() - JSON) {
      throw refuse(
          "offset %d: JSON of %d bytes, there are %d"
              .formatted(REQUEST + 16, length, report.length() - JSON));
    }
    Bytes json = report.slice(JSON, JSON + length);
    Bytes carried = report.slice(data, data + hash.sizeBytes());
    return key(json, hash.hash(json).value().equals(carried));
  }

  private static HashAlgorithm hash(int number) throws MalformedEvidenceException {
    return switch (number) {
      case 1 -> HashAlgorithm.SHA256;
      case 2 -> HashAlgorithm.SHA384;
      case 3 -> HashAlgorithm.SHA512;
      default ->
          throw refuse("offset %d: hash %d, needs 1, 2 or 3".formatted(REQUEST + 12, number));
    };
  }

  private static HclReport key(Bytes json, boolean bound) throws MalformedEvidenceException {
    try (JsonParser parser = FACTORY.createParser(json.toArray())) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT && parser.getParsingContext().getParent().inArray()) {
          Map<String, String> key = texts(parser);
          if (KEY.equals(key.get("kid"))) {
            return new HclReport(number(key, "n"), number(key, "e"), bound);
          }
        }
      }
    } catch (IOException e) {
      throw refuse("its JSON: " + e.getMessage());
    }
    throw refuse("its JSON names no key " + KEY);
  }

  /** Returns the texts of the object that begins here; other members are left out. */
  private static Map<String, String> texts(JsonParser parser) throws IOException {
    Map<String, String> texts = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING) {
        texts.put(name, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return texts;
  }

  private static BigInteger number(Map<String, String> key, String name)
      throws MalformedEvidenceException {
    try {
      return new BigInteger(1, Base64.getUrlDecoder().decode(key.getOrDefault(name, "")));
    } catch (IllegalArgumentException e) {
      throw refuse("key %s, '%s': no base64url".formatted(KEY, name));
    }
  }

  /** Returns whether it is about {@code key}. */
  boolean names(PublicArea key) {
    return key.key() instanceof RSAPublicKey rsa
        && rsa.getModulus().equals(modulus)
        && rsa.getPublicExponent().equals(exponent);
  }

  private static MalformedEvidenceException refuse(String detail) {
    return new MalformedEvidenceException(PART, detail);
  }
}
