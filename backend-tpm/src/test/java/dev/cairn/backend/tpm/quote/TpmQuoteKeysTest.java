package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that somebody else has put into a swtpm, by tpm2-tools. Takes four seconds. */
class TpmQuoteKeysTest {
  private static final String SIGNING =
      "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign";

  /** As go-tpm makes them: noDA is clear; x, y or the modulus are there, and zero. */
  private static final String ECC_TEMPLATE =
      "0023000b00050072000000100018000b00030010" + ("0020" + "00".repeat(32)).repeat(2);

  private static final String RSA_TEMPLATE =
      "0001000b00050072000000100014000b080000000000" + "0100" + "00".repeat(256);

  @TempDir Path folder;
  private Swtpm swtpm;

  @BeforeEach
  void start() throws Exception {
    swtpm = Swtpm.start();
  }

  @AfterEach
  void stop() throws Exception {
    swtpm.close();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  /** Makes a primary key of the endorsement hierarchy persistent. */
  private void persist(String handle, String algorithm, String attributes) throws IOException {
    swtpm.run(
        "tpm2_createprimary", "-C", "e", "-G", algorithm, "-a", attributes, "-c", file("key"));
    swtpm.run("tpm2_evictcontrol", "-C", "o", "-c", file("key"), handle);
    swtpm.run("tpm2_flushcontext", "-t");
  }

  private void writeNv(int index, Bytes content) throws IOException {
    Files.write(folder.resolve("nv"), content.toArray());
    String name = "0x%08x".formatted(index);
    String size = Integer.toString(content.length());
    swtpm.run("tpm2_nvdefine", name, "-C", "o", "-s", size, "-a", "ownerread|ownerwrite");
    swtpm.run("tpm2_nvwrite", name, "-C", "o", "-i", file("nv"));
  }

  private BackendException refusal(String key) {
    try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
      BackendException refusal = catchThrowableOfType(BackendException.class, tpm::quote);
      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      return refusal;
    }
  }

  @Nested
  class GivenAPersistentKey {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "ecc256:ecdsa-sha256:null",
          "ecc384:ecdsa-sha384:null",
          "rsa2048:rsapss-sha256:null"
        })
    void whenQuoted_thenItsSignatureVerifies(String algorithm) throws Exception {
      persist("0x81010002", algorithm, SIGNING);
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "handle:0x81010002")) {
        tpm.verified();
        swtpm.init();
        tpm.tpm.startupClear();

        assertThat(tpm.verified().notes()).contains("reset count 2, restart count 0");
      }
    }

    @Test
    void whenItIsAChildOfTheEndorsementKey_thenItsQuoteVerifies() throws Exception {
      swtpm.run("tpm2_createek", "-G", "rsa", "-c", "0x81010001");
      swtpm.run(
          "tpm2_createak",
          "-C",
          "0x81010001",
          "-G",
          "rsa",
          "-g",
          "sha256",
          "-s",
          "rsassa",
          "-c",
          file("ak"));
      swtpm.run("tpm2_evictcontrol", "-C", "o", "-c", file("ak"), "0x81010002");
      swtpm.run("tpm2_flushcontext", "-t");
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "handle:0x81010002")) {
        assertThat(tpm.verified().notes())
            .contains("key: no primary key, or its hierarchy cannot be told");
      }
    }

    @Test
    void whenItIsNotThere_thenTheHandleIsNamed() {
      assertThat(refusal("handle:0x81010002"))
          .hasMessageContaining("there is no key 0x81010002 in this TPM");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = ';',
        value = {
          "ecc256:ecdsa-sha256:null; fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign;"
              + " restricted is clear",
          "ecc256:ecdsa-sha256:null; sensitivedataorigin|userwithauth|restricted|sign;"
              + " fixedTPM is clear",
          "rsa2048:rsassa-sha1:null; " + SIGNING + "; it signs with rsassa-sha1",
          "rsa2048:aes128cfb;"
              + " fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt;"
              + " a storage key signs nothing"
        })
    void whenItsQuotesWouldProveNothing_thenItIsRefused(
        String algorithm, String attributes, String reason) throws Exception {
      persist("0x81010002", algorithm, attributes);

      assertThat(refusal("handle:0x81010002"))
          .hasMessageContaining("0x81010002")
          .hasMessageContaining(reason);
    }
  }

  @Nested
  class GivenAVmOfGoogle {
    private final KeyPair authorityKeys = SoftTpm.ecc("secp256r1", HashAlgorithm.SHA256).keys;
    private final X509Certificate authority = Certificates.authority("google", authorityKeys);

    @ParameterizedTest
    @CsvSource({"gcp-ecc, 0x01c10003, 0x01c10002", "gcp-rsa, 0x01c10001, 0x01c10000"})
    void whenQuoted_thenItsAuthorityVouchesForTheKey(
        String key, String templateIndex, String certificateIndex) throws Exception {
      String template = key.equals("gcp-ecc") ? ECC_TEMPLATE : RSA_TEMPLATE;
      writeNv(Integer.decode(templateIndex), Bytes.fromHex(template));
      writeNv(Integer.decode(certificateIndex), paddedCertificate(key));

      try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
        Quote quote = tpm.quote();
        QuoteVerdict verdict = new TpmQuoteVerifier(List.of(authority)).verify(quote);

        assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
        assertThat(verdict.checks()).extracting("name").contains("certificate_chain");
      }
    }

    /** The key is made from its template before anybody can certify it. */
    private Bytes paddedCertificate(String key) throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
        PublicArea area = PublicArea.parse(tpm.quote().parts().getOrDefault("public", Bytes.EMPTY));
        byte[] der = Certificates.issue("ak", area.key(), "google", authorityKeys).getEncoded();
        return Bytes.owning(Arrays.copyOf(der, der.length + 200));
      }
    }

    @Test
    void whenThereIsNoCertificate_thenTheQuoteHasNone() throws Exception {
      writeNv(0x01C1_0003, Bytes.fromHex(ECC_TEMPLATE));
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "gcp-ecc")) {
        assertThat(tpm.quote().parts()).containsOnlyKeys("attest", "signature", "public", "key");
      }
    }

    @Test
    void whenTheCertificateIsNone_thenRefused() throws Exception {
      writeNv(0x01C1_0003, Bytes.fromHex(ECC_TEMPLATE));
      writeNv(0x01C1_0002, Bytes.filled(100, 0x30));

      assertThat(refusal("gcp-ecc")).hasMessageContaining("certificate");
    }

    @Test
    void whenThereIsNoTemplate_thenTheIndexIsNamed() {
      assertThat(refusal("gcp-rsa")).hasMessageContaining("NV index 0x01c10001 does not exist");
    }

    /** The template's key is subject to the lockout; its first use after a reset gives RETRY. */
    @Test
    void whenTheTpmAsksToTryAgain_thenTheSecondCommandSucceeds() throws Exception {
      writeNv(0x01C1_0003, Bytes.fromHex(ECC_TEMPLATE));
      swtpm.reboot();
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "gcp-ecc")) {
        tpm.verified();

        assertThat(tpm.connector.sent(QuotingTpm.COMMAND_QUOTE)).isEqualTo(2);
      }
    }
  }

  @Nested
  class GivenAVmOfAzure {
    @Test
    void whenQuoted_thenTheHclReportComesWithIt() throws Exception {
      persist("0x81000003", "rsa2048:rsassa-sha256:null", SIGNING);
      Bytes report;
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "handle:0x81000003")) {
        Bytes area = tpm.quote().parts().getOrDefault("public", Bytes.EMPTY);
        report = HclReports.about(PublicArea.parse(area).key());
      }
      writeNv(0x0140_0001, report);
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "azure")) {
        Quote quote = tpm.quote();

        assertThat(quote.parts()).containsEntry("hcl_report", report);
        QuotingTpm.verified(quote);
      }
    }

    @Test
    void whenThereIsNoReport_thenTheIndexIsNamed() throws Exception {
      persist("0x81000003", "rsa2048:rsassa-sha256:null", SIGNING);

      assertThat(refusal("azure"))
          .hasMessageContaining("NV index 0x01400001 does not exist, so there is no hcl_report");
    }
  }

  @Nested
  class GivenAPasswordOfTheEndorsementHierarchy {
    @Test
    void whenTheKeyIsToBeMade_thenRefusedWithTheReason() throws Exception {
      swtpm.run("tpm2_changeauth", "-c", "e", "secret");

      assertThat(refusal("ecc")).hasMessageContaining("a password is set");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ECC",
        "handle:",
        "handle:81010002",
        "handle:0x80000000",
        "handle:0x8101000",
        "gcp",
        "handle:0x810100020",
        "handle:0x40000001",
        " ecc"
      })
  void givenATextThatNamesNoKey_thenRefusedWithWhatWould(String text) {
    assertThatThrownBy(() -> KeySetting.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' names no attestation key: ecc, rsa");
  }
}
