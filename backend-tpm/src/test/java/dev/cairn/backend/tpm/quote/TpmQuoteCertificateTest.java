package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An authority vouches for the key, or for another one, or is none of ours. */
class TpmQuoteCertificateTest {
  private final KeyPair authorityKeys = SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256).keys;
  private final X509Certificate authority = Certificates.authority("ours", authorityKeys);
  private final SoftTpm tpm = SoftTpm.rsa(2048, HashAlgorithm.SHA256);
  private final X509Certificate certificate =
      Certificates.issue("ak", tpm.keys.getPublic(), "ours", authorityKeys);

  private Quote quote(byte[] certificate) {
    Quote quote = tpm.quote(1);
    Map<String, Bytes> parts = new TreeMap<>(quote.parts());
    parts.put("certificate", Bytes.copyOf(certificate));
    return Quote.of("tpm2", parts, quote.values());
  }

  @Test
  void givenNoAuthorities_thenTheKeyIsComparedAndTheChainIsNot() throws Exception {
    QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote(certificate.getEncoded()));

    assertThat(verdict.ok()).isTrue();
    assertThat(verdict.checks())
        .contains(new QuoteVerdict.Check("certificate", true, "about this key: CN=ak"));
    assertThat(verdict.notes())
        .contains(
            "certificate: issued by CN=ours, which was not checked: no authorities are given");
  }

  @Test
  void givenACertificateOfAnotherKey_thenNothingIsProven() throws Exception {
    QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote(authority.getEncoded()));

    assertThat(verdict.ok()).isFalse();
    assertThat(verdict.proven().isEmpty()).isTrue();
  }

  @Test
  void givenTheAuthority_thenItVouches() throws Exception {
    QuoteVerdict verdict =
        new TpmQuoteVerifier(List.of(authority)).verify(quote(certificate.getEncoded()));

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.checks()).extracting("name").contains("certificate_chain");
  }

  @Test
  void givenAnotherAuthorityOfTheSameName_thenNothingIsProven() throws Exception {
    KeyPair others = SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256).keys;
    TpmQuoteVerifier verifier =
        new TpmQuoteVerifier(List.of(Certificates.authority("ours", others)));

    QuoteVerdict verdict = verifier.verify(quote(certificate.getEncoded()));

    assertThat(verdict.checks().stream().filter(check -> !check.passed()))
        .extracting("name")
        .containsExactly("certificate_chain");
  }

  @Test
  void givenPemOrTwoCertificates_thenRefused() throws Exception {
    String pem =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    byte[] one = certificate.getEncoded();
    byte[] two = Arrays.copyOf(one, 2 * one.length);

    refused(pem.getBytes(StandardCharsets.US_ASCII));
    refused(two);
  }

  private void refused(byte[] bad) {
    assertThatThrownBy(() -> new TpmQuoteVerifier().verify(quote(bad)))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining("certificate: ");
  }
}
