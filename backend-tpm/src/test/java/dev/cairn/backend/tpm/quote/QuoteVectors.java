package dev.cairn.backend.tpm.quote;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Quotes that TPMs of others made. */
final class QuoteVectors {
  private static final int HEADER = 10;
  private static final Bytes HELLO_ONCE =
      Bytes.fromHex("9851312028952521510e8eaab5be94e7dc24b5fc292b2e9781173cf11ffa9878");

  private QuoteVectors() {}

  /** A response of libtpms, without its header: {@code vectors/tpm/commands.json}. */
  private static Bytes response(int index) {
    Map<String, Object> file = Json.parseObject(Vectors.bytes("tpm/commands.json"));
    Bytes bytes = Bytes.fromHex(text(Json.object(list(file, "vectors").get(index)), "response"));
    return bytes.slice(HEADER, bytes.length());
  }

  private static Bytes sized(Bytes bytes, int at) {
    int length = bytes.at(at) << 8 | bytes.at(at + 1);
    return bytes.slice(at + 2, at + 2 + length);
  }

  /** PCR 11 and 12 of a libtpms, quoted with the key of ReadPublic. */
  static Quote libtpms(int quote, int readPublic) {
    Bytes parameters = response(quote);
    int length = parameters.toReadOnlyBuffer().getInt();
    Bytes attest = sized(parameters, 4);
    Bytes signature = parameters.slice(4 + 2 + attest.length(), 4 + length);
    DigestSet value = DigestSet.of(new Digest(HashAlgorithm.SHA256, HELLO_ONCE));
    return Quote.of(
        "tpm2",
        Map.of(
            "attest", attest,
            "signature", signature,
            "public", publicArea(readPublic)),
        Map.of(RegisterId.pcr(11), value, RegisterId.pcr(12), value));
  }

  static Bytes publicArea(int readPublic) {
    return sized(response(readPublic), 0);
  }

  /** The Name and the qualified Name that ReadPublic gave. */
  static List<Bytes> names(int readPublic) {
    Bytes response = response(readPublic);
    int name = 2 + sized(response, 0).length();
    int qualified = name + 2 + sized(response, name).length();
    return List.of(sized(response, name), sized(response, qualified));
  }

  /** Evidence of CoCo's {@code tpm} attester; its key comes without attributes. */
  static Quote cocoTpm() throws Exception {
    Map<String, Object> evidence = Json.parseObject(Vectors.bytes("coco/tpm_evidence.json"));
    Map<String, Object> quote = Json.object(evidence, "tpm_quote");
    byte[] der = Base64.getDecoder().decode(text(evidence, "ak_public"));
    RSAPublicKey key =
        (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
    return Quote.of(
        "tpm2",
        Map.of(
            "attest", base64(text(quote, "message")),
            "signature", base64(text(quote, "signature")),
            "public", publicArea(key.getModulus())),
        values(quote));
  }

  /** Evidence of an Azure VM: the signature is bare, the key is a JWK in the HCL report. */
  static Quote azure(String file) {
    Map<String, Object> evidence = Json.parseObject(Vectors.bytes(file));
    Map<String, Object> quote = Json.object(evidence, "tpm_quote");
    byte[] signature = Bytes.fromHex(text(quote, "signature")).toArray();
    return Quote.of(
        "tpm2",
        Map.of(
            "attest",
            Bytes.fromHex(text(quote, "message")),
            "signature",
            Bytes.owning(
                SoftTpm.encode(
                    out -> {
                      out.writeShort(0x0014);
                      out.writeShort(0x000B);
                      SoftTpm.sized(out, signature);
                    })),
            "public",
            publicArea(hclModulus(evidence))),
        values(quote));
  }

  /** The report in that evidence. */
  static Bytes hclReport(String file) {
    Map<String, Object> evidence = Json.parseObject(Vectors.bytes(file));
    return Bytes.owning(Base64.getUrlDecoder().decode(text(evidence, "hcl_report")));
  }

  private static BigInteger hclModulus(Map<String, Object> evidence) {
    byte[] report = Base64.getUrlDecoder().decode(text(evidence, "hcl_report"));
    String text = new String(report, StandardCharsets.ISO_8859_1);
    int key = text.indexOf("HCLAkPub");
    int n = text.indexOf("\"n\":\"", key) + 5;
    return new BigInteger(
        1, Base64.getUrlDecoder().decode(text.substring(n, text.indexOf('"', n))));
  }

  private static Bytes publicArea(BigInteger modulus) {
    return Bytes.owning(
        SoftTpm.encode(
            out -> {
              out.writeShort(0x0001);
              out.writeShort(0x000B);
              out.writeInt(0x0005_0072);
              out.writeShort(0);
              out.writeShort(0x0010);
              out.writeShort(0x0014);
              out.writeShort(0x000B);
              out.writeShort(2048);
              out.writeInt(0);
              SoftTpm.sized(out, SoftTpm.fixed(modulus, 256));
            }));
  }

  private static Map<RegisterId, DigestSet> values(Map<String, Object> quote) {
    List<?> pcrs = list(quote, "pcrs");
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    IntStream.range(0, pcrs.size())
        .forEach(
            pcr ->
                values.put(
                    RegisterId.pcr(pcr),
                    DigestSet.of(
                        new Digest(
                            HashAlgorithm.SHA256, Bytes.fromHex(pcrs.get(pcr).toString())))));
    return values;
  }

  private static String text(Map<String, Object> object, String key) {
    return Objects.requireNonNull(object.get(key), key).toString();
  }

  private static List<?> list(Map<String, Object> object, String key) {
    return (List<?>) Objects.requireNonNull(object.get(key), key);
  }

  private static Bytes base64(String text) {
    return Bytes.owning(Base64.getDecoder().decode(text));
  }
}
