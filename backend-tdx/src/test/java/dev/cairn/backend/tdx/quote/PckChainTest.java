package dev.cairn.backend.tdx.quote;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.platform.QuotingPlatform;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import java.security.cert.X509Certificate;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** One spelling for one certificate. */
class PckChainTest {
  private final X509Certificate certificate = new QuotingPlatform().rootCertificate();

  private static Bytes pem(byte[] der) {
    return Bytes.owning(
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(Base64.getEncoder().encodeToString(der))
            .getBytes(US_ASCII));
  }

  @Test
  void givenACertificate_whenParsed_thenItIsThatOne() throws Exception {
    assertThat(PckChain.parse(pem(certificate.getEncoded()), 0).rootName())
        .isEqualTo(certificate.getSubjectX500Principal().getName());
  }

  @Test
  void givenASignatureWithUnusedBits_whenParsed_thenRefused() throws Exception {
    byte[] der = certificate.getEncoded();
    der[der.length - certificate.getSignature().length - 1] = 4; // which the JDK takes

    assertThatThrownBy(() -> PckChain.parse(pem(der), 0))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining("no whole number of bytes");
  }
}
