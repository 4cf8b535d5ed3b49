package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.command.Hierarchy;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerifier;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quotes of libtpms, of Azure's vTPM and of another TPM. */
class TpmQuoteVerifierVectorsTest {
  private final QuoteVerifier verifier =
      ServiceLoader.load(QuoteVerifier.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(found -> found.type().equals("tpm2"))
          .findAny()
          .orElseThrow();

  @ParameterizedTest
  @CsvSource({"19, 20", "23, 25", "24, 25"})
  void givenAQuoteOfLibtpms_thenItsValuesAreProven(int quoteIndex, int readPublic)
      throws Exception {
    Quote quote = QuoteVectors.libtpms(quoteIndex, readPublic);

    QuoteVerdict verdict = verifier.verify(quote);

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.nonce()).isEqualTo(Bytes.filled(32, 0x4E));
    assertThat(verdict.proven().asMap()).isEqualTo(quote.values());
    assertThat(verdict.notes())
        .contains(
            "key: a primary key of the endorsement hierarchy", "reset count 1, restart count 0");
  }

  @ParameterizedTest
  @CsvSource({"20", "25"})
  void givenAKeyOfLibtpms_thenBothNamesAreThoseOfTheTpm(int readPublic) throws Exception {
    PublicArea key = PublicArea.parse(QuoteVectors.publicArea(readPublic));

    assertThat(key.name()).isEqualTo(QuoteVectors.names(readPublic).get(0));
    assertThat(key.qualifiedNameIn(Hierarchy.ENDORSEMENT))
        .isEqualTo(QuoteVectors.names(readPublic).get(1));
    assertThat(key.signingKey().name()).contains(key.name());
  }

  @Test
  void givenEvidenceOfCocosTpmAttester_thenItsValuesAreProven() throws Exception {
    QuoteVerdict verdict = verifier.verify(QuoteVectors.cocoTpm());

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.proven().asMap()).hasSize(24);
  }

  @ParameterizedTest
  @ValueSource(strings = {"az-snp-vtpm_evidence-v2.json", "az-tdx-vtpm_evidence-v1.json"})
  void givenEvidenceOfAnAzureVm_thenItsValuesAreProven(String file) throws Exception {
    QuoteVerdict verdict = verifier.verify(QuoteVectors.azure("coco/" + file));

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.proven().asMap()).hasSize(24);
  }
}
