package dev.cairn.backend.tdx.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.platform.GuestBody;
import dev.cairn.backend.tdx.platform.QuotingPlatform;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterValues;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a quote has to be to prove anything. */
class TdxQuoteVerifierTest {
  private static QuoteVerdict verify(Bytes quote) throws MalformedEvidenceException {
    return RealQuotes.verifier().verify(TdxQuote.toQuote(quote));
  }

  private static List<String> failed(QuoteVerdict verdict) {
    return verdict.checks().stream().filter(check -> !check.passed()).map(Check::name).toList();
  }

  @Nested
  class GivenARealQuote {
    private static final String NAME = "tdx/cos-113-tdx-quote.dat";

    static Stream<Map.Entry<String, Bytes>> ofIntel() {
      return RealQuotes.ofIntel();
    }

    @ParameterizedTest
    @MethodSource("ofIntel")
    void whenItsRootIsIntels_thenItProvesItsRegisters(Map.Entry<String, Bytes> quote)
        throws IOException {
      TdxQuote parsed = TdxQuote.parse(quote.getValue());
      QuoteVerdict verdict = verify(quote.getValue());
      assertThat(failed(verdict)).isEmpty();
      assertThat(verdict.checks()).hasSize(10);
      assertThat(verdict.proven()).isEqualTo(RegisterValues.of(parsed.td().values()));
      assertThat(verdict.proven().asMap()).hasSize(5);
      assertThat(verdict.nonce()).isEqualTo(parsed.reportData());
      assertThat(verdict.notes()).anyMatch(note -> note.startsWith("not checked: "));
    }

    @Test
    void whenANonceIsShorterThanReportData_thenItIsExpectedWithZerosBehind() {
      assertThat(new TdxQuoteVerifier().signedNonce(Bytes.fromHex("4e4e")).toHex())
          .isEqualTo("4e4e" + "00".repeat(62));
    }

    @Test
    void whenItsRootIsAnother_thenThatAloneFailsAndNothingIsProven() throws IOException {
      QuoteVerdict verdict = verify(RealQuotes.file("tdx/ccapi_quote.bin"));
      assertThat(failed(verdict)).containsExactly("root");
      assertThat(verdict.proven()).isEqualTo(RegisterValues.EMPTY);
      assertThat(verdict.notes()).contains("root: fingerprint sha256 " + RealQuotes.SANDBOX_ROOT);
    }

    @Test
    void whenThatRootIsGiven_thenItProvesItsRegisters() throws IOException {
      Bytes quote = RealQuotes.file("tdx/ccapi_quote.bin");
      TdxQuoteVerifier verifier =
          new TdxQuoteVerifier(
              new Trust(
                  List.of(RealQuotes.rootOf(RealQuotes.file("tdx/ccapi_quote.bin"))),
                  RealQuotes.THEN));
      assertThat(failed(verifier.verify(TdxQuote.toQuote(quote)))).isEmpty();
    }

    @Test
    void whenOtherRootsAreGiven_thenIntelsIsNotTrusted() throws IOException {
      TdxQuoteVerifier verifier =
          new TdxQuoteVerifier(
              new Trust(
                  List.of(RealQuotes.rootOf(RealQuotes.file("tdx/ccapi_quote.bin"))),
                  RealQuotes.THEN));
      QuoteVerdict verdict = verifier.verify(TdxQuote.toQuote(RealQuotes.file(NAME)));
      assertThat(failed(verdict)).containsExactly("root");
    }

    @ParameterizedTest
    @CsvSource({"2024-07-02T12:07:36Z", "2031-07-02T12:07:38Z"})
    void whenItsCertificatesAreNotValid_thenThatAloneFails(Instant time) throws IOException {
      TdxQuoteVerifier verifier =
          new TdxQuoteVerifier(new Trust(List.of(), InstantSource.fixed(time)));
      QuoteVerdict verdict = verifier.verify(TdxQuote.toQuote(RealQuotes.file(NAME)));
      assertThat(failed(verdict)).containsExactly("validity");
    }

    // offsets of version 4; the signature section begins at 636
    @ParameterizedTest
    @CsvSource({
      "8, SVN in the header, signature",
      "12, vendor, signature qe_identity",
      "28, user data, signature",
      "64, MRSEAM, signature",
      "112, MRSIGNERSEAM, signature tdx_module",
      "160, SEAMATTRIBUTES, signature tdx_module",
      "168, TD attributes, signature debug",
      "184, MRTD, signature",
      "376, RTMR0, signature",
      "424, RTMR1, signature",
      "472, RTMR2, signature",
      "567, last byte of RTMR3, signature",
      "568, report data, signature",
      "636, signature r, signature",
      "668, signature s, signature",
      "700, attestation key x, signature qe_binding",
      "732, attestation key y, signature qe_binding",
      "770, CPU SVN in the enclave's report, qe_signature",
      "818, flags of the enclave: bit 0, qe_signature",
      "898, MRSIGNER of the enclave, qe_signature qe_identity",
      "1026, product of the enclave, qe_signature qe_identity",
      "1028, SVN of the enclave, qe_signature",
      "1090, report data of the enclave: hash, qe_binding qe_signature",
      "1153, report data of the enclave: zeros, qe_binding qe_signature",
      "1154, signature of the report: r, qe_signature",
      "1217, signature of the report: s, qe_signature",
      "1220, authentication data, qe_binding"
    })
    void whenOneBitIsFlipped_thenTheChecksOfThatPartFail(int at, String what, String checks)
        throws IOException {
      byte[] quote = RealQuotes.file(NAME).toArray();
      quote[at] ^= 1;
      QuoteVerdict verdict = verify(Bytes.owning(quote));
      assertThat(failed(verdict)).as(what).containsExactlyInAnyOrder(checks.split(" ", -1));
      assertThat(verdict.proven()).as(what).isEqualTo(RegisterValues.EMPTY);
    }

    @ParameterizedTest
    @CsvSource({
      "764, certification data type 7",
      "766, certification data size 4164",
      "1218, size of the authentication data",
      "1252, certification data type 4",
      "1254, certification data size 3676",
      "1258, certificate chain: needs -----BEGIN"
    })
    void whenOneBitOfTheStructureIsFlipped_thenItIsRefused(int at, String what) {
      byte[] quote = RealQuotes.file(NAME).toArray();
      quote[at] ^= 1;
      assertThatThrownBy(() -> verify(Bytes.owning(quote)))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessageStartingWith("quote: offset ");
    }

    @Test
    void whenACertificateIsAnothers_thenTheChainIsBroken() throws IOException {
      String quote = text(RealQuotes.file("tdx/AAEL_quote_tdx"));
      String other = text(RealQuotes.file("tdx/tdx_quote_5.dat"));
      String intermediate = certificate(quote, 1);
      String root = certificate(quote, 2);
      assertThat(intermediate).isEqualTo(certificate(other, 1));

      assertThat(failedOf(quote.replace(certificate(quote, 0), certificate(other, 0))))
          .containsExactly("qe_signature");
      String swapped = quote.replace(intermediate, "<other>").replace(root, intermediate);
      assertThat(failedOf(swapped.replace("<other>", root))).containsExactly("pck_chain", "root");
    }

    private static String certificate(String quote, int number) {
      String begin = "-----BEGIN CERTIFICATE-----";
      return begin + quote.split(begin, -1)[number + 1].split("-----END", -1)[0];
    }

    private static String text(Bytes quote) {
      return new String(quote.toArray(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static List<String> failedOf(String quote) throws IOException {
      byte[] bytes = quote.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      return failed(verify(Bytes.owning(bytes)));
    }

    @SeededTest
    void whenAnyBitOfItIsFlipped_thenNothingIsProven(long seed) throws IOException {
      byte[] quote = RealQuotes.file("tdx/tdx_quote_5.dat").toArray(); // nothing behind it
      int bit = new java.util.Random(seed).nextInt(quote.length * Byte.SIZE);
      quote[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      try {
        QuoteVerdict verdict = verify(Bytes.owning(quote));
        assertThat(verdict.ok()).as("bit %d", bit).isFalse();
        assertThat(verdict.proven()).isEqualTo(RegisterValues.EMPTY);
      } catch (MalformedEvidenceException e) {
        assertThat(e).hasMessageStartingWith("quote: ");
      }
    }

    @SeededTest
    void whenItIsDamagedAnyhow_thenThereIsAReasonOrAVerdict(long seed) throws IOException {
      Bytes original = RealQuotes.file("tdx/AAEL_quote_tdx");
      Bytes quote = Bytes.owning(Hostile.mutate(original.toArray(), seed));
      long allocated =
          Hostile.allocatedBytes(
              () -> {
                try {
                  QuoteVerdict verdict = verify(quote);
                  assertThat(verdict.ok()).isEqualTo(quote.startsWith(original.slice(0, 4936)));
                } catch (MalformedEvidenceException e) {
                  assertThat(e).hasMessageStartingWith("quote: ");
                }
              });
      assertThat(allocated).isLessThan(16 << 20);
    }

    @Test
    void whenAValueIsClaimedThatItDoesNotHold_thenThatAloneFails() throws IOException {
      Bytes quote = RealQuotes.file(NAME);
      Quote lying =
          Quote.of(
              "tdx",
              Map.of("quote", quote),
              Map.of(
                  RegisterId.rtmr(2),
                  DigestSet.of(new Digest(HashAlgorithm.SHA384, Bytes.filled(48, 7)))));
      QuoteVerdict verdict = RealQuotes.verifier().verify(lying);
      assertThat(failed(verdict)).containsExactly("values");
      assertThat(verdict.proven()).isEqualTo(RegisterValues.EMPTY);
    }

    @Test
    void whenARegisterIsClaimedThatItDoesNotHold_thenThatAloneFails() throws IOException {
      Quote lying =
          Quote.of(
              "tdx",
              Map.of("quote", RealQuotes.file(NAME)),
              Map.of(RegisterId.pcr(7), DigestSet.filled(List.of(HashAlgorithm.SHA384), 0)));
      assertThat(failed(RealQuotes.verifier().verify(lying))).containsExactly("values");
    }

    @Test
    void whenNobodySignedIt_thenItIsRefused() {
      assertThatThrownBy(() -> verify(RealQuotes.file("boot/ccel-synthetic/quote-after-boot.bin")))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessage("quote: offset 636: signature needs 64 bytes, 0 are left");
    }

    @Test
    void whenThePartHasAnotherName_thenItIsRefused() {
      Quote quote = Quote.of("tdx", Map.of("quota", RealQuotes.file(NAME)), Map.of());
      assertThatThrownBy(() -> RealQuotes.verifier().verify(quote))
          .hasMessage(
              "quote: missing: type tdx with parts [quota], needs type tdx with part quote");
    }

    @Test
    void whenTheVerifierIsLookedUp_thenItIsThere() {
      assertThat(ServiceLoader.load(QuoteVerifier.class))
          .hasAtLeastOneElementOfType(TdxQuoteVerifier.class)
          .anyMatch(verifier -> verifier.type().equals("tdx"));
    }
  }

  @Nested
  class GivenAPlatformWithARootOfItsOwn {
    private final QuotingPlatform platform = new QuotingPlatform();

    private QuoteVerdict verify(QuotingPlatform platform, int version, GuestBody body)
        throws IOException {
      TdxQuoteVerifier verifier =
          new TdxQuoteVerifier(new Trust(List.of(platform.rootCertificate()), RealQuotes.THEN));
      return verifier.verify(TdxQuote.toQuote(Bytes.owning(platform.quote(version, body.bytes()))));
    }

    @Test
    void whenItQuotesInEveryLayout_thenThatIsProvenIfItsRootIsTrusted() throws IOException {
      byte[] value = Hostile.noise(48, 1);
      for (QuoteVerdict verdict :
          List.of(
              verify(platform, 4, GuestBody.td10().rtmr(3, value)),
              verify(platform, 5, GuestBody.td10().rtmr(3, value)),
              verify(platform, 5, GuestBody.td15().rtmr(3, value)))) {
        assertThat(failed(verdict)).isEmpty();
        assertThat(verdict.proven().find(RegisterId.rtmr(3), HashAlgorithm.SHA384))
            .isEqualTo(new Digest(HashAlgorithm.SHA384, Bytes.copyOf(value)));
        assertThat(verdict.notes().get(0)).contains("FMSPC 00906ed50000");
      }
    }

    @Test
    void whenItsRootIsNotTrusted_thenThatAloneFails() throws IOException {
      Bytes quote = Bytes.owning(platform.quote(4, GuestBody.td10().bytes()));
      QuoteVerdict verdict = RealQuotes.verifier().verify(TdxQuote.toQuote(quote));
      assertThat(failed(verdict)).containsExactly("root");
    }

    @Test
    void whenTheGuestIsUnderDebug_thenThatAloneFails() throws IOException {
      assertThat(failed(verify(platform, 4, GuestBody.td10().debug()))).containsExactly("debug");
    }

    @Test
    void whenTheModuleIsNotIntels_thenThatAloneFails() throws IOException {
      assertThat(failed(verify(platform, 5, GuestBody.td15().foreignModule())))
          .containsExactly("tdx_module");
      assertThat(failed(verify(platform, 5, GuestBody.td15().moduleAttributes())))
          .containsExactly("tdx_module");
    }

    @Test
    void whenTheEnclaveIsNotIntelsForTdx_thenThatAloneFails() throws IOException {
      GuestBody body = GuestBody.td10();
      assertThat(failed(verify(QuotingPlatform.ofEnclave(new byte[32], 2, false), 4, body)))
          .containsExactly("qe_identity");
      assertThat(
              failed(
                  verify(QuotingPlatform.ofEnclave(QuotingPlatform.mrSigner(), 1, false), 4, body)))
          .containsExactly("qe_identity");
      assertThat(
              failed(
                  verify(QuotingPlatform.ofEnclave(QuotingPlatform.mrSigner(), 2, true), 4, body)))
          .containsExactly("qe_identity");
    }

    @Test
    void whenItsKeysCertificateHasExpired_thenThatAloneFails() throws IOException {
      QuotingPlatform expired = QuotingPlatform.expiring(RealQuotes.THEN.instant().minusSeconds(1));
      assertThat(failed(verify(expired, 4, GuestBody.td10()))).containsExactly("validity");
    }

    @Test
    void whenAnAuthorityThatMayNotIssueHasIssued_thenTheChainFails() throws IOException {
      QuotingPlatform lying = QuotingPlatform.ofLeafThatIssues();
      assertThat(failed(verify(lying, 4, GuestBody.td10()))).containsExactly("pck_chain");
    }
  }
}
