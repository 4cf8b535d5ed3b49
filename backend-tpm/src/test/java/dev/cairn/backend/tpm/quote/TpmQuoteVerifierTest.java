package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.quote.SoftTpm.Pcrs;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TpmQuoteVerifierTest {
  private static final long SEED = 5;
  private static final RegisterId PCR11 = RegisterId.pcr(11);
  private static final DigestSet ZEROS = DigestSet.filled(List.of(HashAlgorithm.SHA256), 0);

  private final TpmQuoteVerifier verifier = new TpmQuoteVerifier();
  private final SoftTpm tpm = SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256);

  /** Names of the checks that failed. */
  private List<String> failures(Quote quote) throws Exception {
    QuoteVerdict verdict = verifier.verify(quote);
    List<String> failed =
        verdict.checks().stream()
            .filter(check -> !check.passed())
            .map(QuoteVerdict.Check::name)
            .toList();
    assertThat(verdict.proven().isEmpty()).as("nothing is proven").isEqualTo(!failed.isEmpty());
    return failed;
  }

  private static Quote with(Quote quote, String part, Bytes bytes) {
    Map<String, Bytes> parts = new TreeMap<>(quote.parts());
    parts.put(part, bytes);
    return Quote.of(quote.type(), parts, quote.values());
  }

  private static Quote with(Quote quote, RegisterId register, DigestSet value) {
    Map<RegisterId, DigestSet> values = new TreeMap<>(quote.values());
    values.put(register, value);
    return Quote.of(quote.type(), quote.parts(), values);
  }

  @Nested
  class GivenAnHonestQuote {
    static Stream<SoftTpm> keys() {
      SoftTpm longSalt = SoftTpm.rsa(2048, HashAlgorithm.SHA256);
      longSalt.scheme = SoftTpm.RSAPSS;
      longSalt.saltBytes = 256 - 32 - 2;
      SoftTpm shortSalt = SoftTpm.rsa(2048, HashAlgorithm.SHA384);
      shortSalt.scheme = SoftTpm.RSAPSS;
      shortSalt.saltBytes = 48;
      return Stream.of(
          SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256),
          SoftTpm.ecc("secp256r1", HashAlgorithm.SHA512),
          SoftTpm.ecc("secp384r1", HashAlgorithm.SHA384),
          SoftTpm.rsa(2048, HashAlgorithm.SHA256),
          SoftTpm.rsa(3072, HashAlgorithm.SHA512),
          longSalt,
          shortSalt);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void whenVerified_thenItsValuesAreProven(SoftTpm tpm) throws Exception {
      Quote quote = tpm.quote(SEED);

      QuoteVerdict verdict = verifier.verify(quote);

      assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
      assertThat(verdict.proven().asMap()).isEqualTo(quote.values());
      assertThat(verdict.nonce()).isEqualTo(tpm.nonce);
    }

    @Test
    void whenVerified_thenTheKeyCanBePinned() throws Exception {
      QuoteVerdict verdict = verifier.verify(tpm.quote(SEED));

      Bytes der = Bytes.copyOf(tpm.keys.getPublic().getEncoded());
      assertThat(verdict.key().orElseThrow().matches(HashAlgorithm.SHA256.hash(der).value()))
          .isTrue();
    }

    @Test
    void whenBanksAreInAnyOrderAndTwice_thenTheOrderOfTheQuoteCounts() throws Exception {
      tpm.selection =
          List.of(
              new Pcrs(HashAlgorithm.SHA384, List.of(23, 0)),
              new Pcrs(HashAlgorithm.SHA1, List.of(7)),
              new Pcrs(HashAlgorithm.SHA384, List.of(8)));

      assertThat(failures(tpm.quote(SEED))).isEmpty();
    }

    @Test
    void whenTheKeyIsThereASecondTime_thenItHasToBeTheSame() throws Exception {
      Bytes same = Bytes.copyOf(tpm.keys.getPublic().getEncoded());
      Bytes other =
          Bytes.copyOf(
              SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256).keys.getPublic().getEncoded());

      assertThat(failures(with(tpm.quote(SEED), "key", same))).isEmpty();
      assertThat(failures(with(tpm.quote(SEED), "key", other))).containsExactly("key_part");
    }

    @Test
    void whenThereIsAPartThatNobodyKnows_thenItIsNamed() throws Exception {
      Quote quote = with(tpm.quote(SEED), "other", Bytes.filled(3, 1));

      assertThat(verifier.verify(quote).ok()).isTrue();
      assertThat(verifier.verify(quote).notes()).contains("part other: was not looked at");
    }
  }

  @Nested
  class GivenValuesThatWereNotQuoted {
    private final Quote quote = tpm.quote(SEED);

    @Test
    void whenARegisterIsAdded_thenNothingIsProven() throws Exception {
      assertThat(failures(with(quote, RegisterId.pcr(13), ZEROS))).containsExactly("pcr_selection");
    }

    @Test
    void whenABankIsAdded_thenNothingIsProven() throws Exception {
      DigestSet more =
          DigestSet.of(
              quote.values().getOrDefault(PCR11, DigestSet.EMPTY).at(0),
              new Digest(HashAlgorithm.SHA1, Bytes.filled(20, 0)));

      assertThat(failures(with(quote, PCR11, more))).containsExactly("pcr_selection");
    }

    @Test
    void whenARegisterOfAnotherKindIsAdded_thenNothingIsProven() throws Exception {
      assertThat(failures(with(quote, RegisterId.rtmr(0), ZEROS))).containsExactly("pcr_selection");
    }

    @Test
    void whenAValueIsAnother_thenNothingIsProven() throws Exception {
      assertThat(failures(with(quote, PCR11, ZEROS))).containsExactly("pcr_digest");
    }

    @Test
    void whenARegisterIsLeftOut_thenNothingIsProven() throws Exception {
      Quote less = Quote.of("tpm2", quote.parts(), Map.of(PCR11, ZEROS));

      assertThat(failures(less)).containsExactly("pcr_selection", "pcr_digest");
    }

    @Test
    void whenNoRegisterIsQuoted_thenTheQuoteProvesNothing() throws Exception {
      tpm.selection = List.of();

      assertThat(failures(tpm.quote(SEED))).containsExactly("pcr_selection");
    }
  }

  @Nested
  class GivenAKeyThatMaySignAnything {
    @ParameterizedTest
    @CsvSource({
      "0x00000002, fixedTPM is clear",
      "0x00010000, restricted is clear",
      "0x00040000, sign is clear",
      "0x00020000, decrypt is set"
    })
    void whenVerified_thenTheAttributeIsNamed(String flippedBit, String reason) throws Exception {
      tpm.attributes ^= Integer.decode(flippedBit);
      Quote quote = tpm.quote(SEED);

      assertThat(failures(quote)).containsExactly("key");
      assertThat(verifier.verify(quote).checks().get(1).detail()).contains(reason);
    }
  }

  @Nested
  class GivenASignatureOfSomebodyElse {
    private final Quote quote = tpm.quote(SEED);

    @Test
    void whenTheKeyIsAnother_thenTheSignatureFails() throws Exception {
      Quote other = SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256).quote(SEED);

      assertThat(failures(with(quote, "signature", part(other, "signature"))))
          .containsExactly("signature");
    }

    @Test
    void whenTheKeyIsOfAnotherKind_thenTheSignatureFails() throws Exception {
      Quote rsa = SoftTpm.rsa(2048, HashAlgorithm.SHA256).quote(SEED);

      assertThat(failures(with(quote, "signature", part(rsa, "signature"))))
          .containsExactly("signature");
      assertThat(failures(with(rsa, "signature", part(quote, "signature"))))
          .containsExactly("signature");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "0018000b 0001 00 0001 00", // r = s = 0
          "0018000b 0000 0000", // the same, without any byte
          "0018000b 0001 01 0001 00", // s = 0
          "0018000b 0001 01 0020 ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        })
    void whenANumberIsOutOfRange_thenTheSignatureFails(String hex) throws Exception {
      Quote bad = with(quote, "signature", Bytes.fromHex(hex.replace(" ", "")));

      assertThat(failures(bad)).containsExactly("signature");
      assertThat(verifier.verify(bad).checks().get(2).detail()).contains("is not between 1 and");
    }

    @Test
    void whenTheHashIsSha1_thenTheSignatureIsNotAccepted() throws Exception {
      Quote weak = SoftTpm.rsa(2048, HashAlgorithm.SHA1).quote(SEED);

      assertThat(failures(weak)).containsExactly("signature");
    }

    @Test
    void whenTheSchemeIsNotTheKeys_thenTheSignatureFails() throws Exception {
      SoftTpm rsa = SoftTpm.rsa(2048, HashAlgorithm.SHA256);
      rsa.saltBytes = 32;
      Bytes area = part(rsa.quote(SEED), "public");
      rsa.scheme = SoftTpm.RSAPSS;

      assertThat(failures(with(rsa.quote(SEED), "public", area))).containsExactly("signature");
    }
  }

  private static Bytes part(Quote quote, String name) {
    return quote.parts().getOrDefault(name, Bytes.EMPTY);
  }

  @Nested
  class GivenPartsThatAreNone {
    private final Quote quote = tpm.quote(SEED);

    @Test
    void whenTheMagicIsAnother_thenNotMadeByATpm() {
      tpm.magic = 0x0102_0304;

      refused(tpm.quote(SEED), "attest: offset 0: magic 0x01020304");
    }

    @Test
    void whenTheTypeIsAnother_thenNoQuote() {
      tpm.type = 0x8017;

      refused(tpm.quote(SEED), "attest: offset 4: type 0x8017");
    }

    @ParameterizedTest
    @ValueSource(strings = {"attest", "signature", "public"})
    void whenAPartIsMissing_thenItIsNamed(String name) {
      Map<String, Bytes> parts = new TreeMap<>(quote.parts());
      parts.remove(name);

      refused(Quote.of("tpm2", parts, quote.values()), name + ": missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"attest", "signature", "public"})
    void whenBytesAreLeftOver_thenTheyAreRefused(String name) {
      Bytes part = part(quote, name);
      byte[] longer = Arrays.copyOf(part.toArray(), part.length() + 1);

      refused(
          with(quote, name, Bytes.owning(longer)),
          "%s: offset %d: 1 bytes left over".formatted(name, part.length()));
    }

    @Test
    void whenTheTypeOfTheQuoteIsAnother_thenRefused() {
      refused(Quote.of("tdx", quote.parts(), quote.values()), "type: tdx, needs tpm2");
    }

    @Test
    void whenThePointIsNotOnTheCurve_thenRefused() {
      byte[] area = part(quote, "public").toArray();
      area[area.length - 1] ^= 1;

      refused(with(quote, "public", Bytes.owning(area)), "no point of P256");
    }

    @Test
    void whenTheRsaKeyIsShort_thenRefused() {
      refused(SoftTpm.rsa(1024, HashAlgorithm.SHA256).quote(SEED), "RSA key of 1024 bits");
    }

    @Test
    void whenTheKeyIsAStorageKey_thenRefusedWithTheReason() {
      byte[] area = part(quote, "public").toArray();
      area[11] = 0x06; // AES

      refused(with(quote, "public", Bytes.owning(area)), "a storage key signs nothing");
    }

    private void refused(Quote bad, String message) {
      assertThatThrownBy(() -> verifier.verify(bad))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessageContaining(message);
    }
  }
}
