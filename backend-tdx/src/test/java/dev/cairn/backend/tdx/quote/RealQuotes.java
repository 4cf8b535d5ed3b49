package dev.cairn.backend.tdx.quote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Quotes that real hardware signed, of five makers of guests. */
final class RealQuotes {
  /** Root of Intel's machines that are not for sale; its quotes are as good as any others. */
  static final Bytes SANDBOX_ROOT =
      Bytes.fromHex("abcbd1f4da017d68ac75b49fcd7d12fddcd949d3cb5d9afa78f2cf44d489630b");

  /** A time at which all their certificates are valid. */
  static final InstantSource THEN = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

  /** All files whose values are in {@code expected.json}. */
  static final List<String> FILES =
      List.of(
          "tdx/AAEL_quote_tdx",
          "tdx/ccapi_quote.bin",
          "tdx/cos-113-tdx-quote.dat",
          "tdx/tdx_quote_5.dat",
          "dstack/quote-report.json");

  private RealQuotes() {}

  /** Returns the quotes, by name. */
  static Map<String, Bytes> all() {
    return Map.of(
        FILES.get(0),
        file(FILES.get(0)),
        FILES.get(1),
        file(FILES.get(1)),
        FILES.get(2),
        file(FILES.get(2)),
        FILES.get(3),
        file(FILES.get(3)),
        FILES.get(4),
        Bytes.fromHex(String.valueOf(Json.parseObject(Vectors.bytes(FILES.get(4))).get("quote"))),
        "coco/az-tdx-vtpm_evidence-v1.json",
        azure());
  }

  /** Returns the quotes whose root is Intel's. */
  static Stream<Map.Entry<String, Bytes>> ofIntel() {
    return all().entrySet().stream().filter(quote -> !quote.getKey().startsWith("tdx/ccapi"));
  }

  static Bytes file(String name) {
    return Bytes.owning(Vectors.bytes(name));
  }

  private static Bytes azure() {
    Map<String, Object> evidence =
        Json.parseObject(Vectors.bytes("coco/az-tdx-vtpm_evidence-v1.json"));
    return Bytes.owning(Base64.getUrlDecoder().decode(String.valueOf(evidence.get("td_quote"))));
  }

  /** Makes a verifier that trusts Intel's root, at a time when the certificates are valid. */
  static TdxQuoteVerifier verifier() {
    return new TdxQuoteVerifier(new Trust(List.of(), THEN));
  }

  /** Returns the root that a quote brings along. */
  static X509Certificate rootOf(Bytes quote) {
    String text = new String(quote.toArray(), ISO_8859_1);
    String pem = text.substring(text.lastIndexOf("-----BEGIN CERTIFICATE-----"));
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem.getBytes(ISO_8859_1)));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }
}
