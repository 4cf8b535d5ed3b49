package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our quotes pass tpm2_checkquote, and those of tpm2_quote pass ours. Takes two seconds. */
class Tpm2ToolsTest {
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

  private Bytes bytes(String name) throws IOException {
    return Bytes.owning(Files.readAllBytes(folder.resolve(name)));
  }

  /** All 24 PCRs, those of Cairn in four banks, unless some banks are named. */
  private void quoteIntoFiles(String key, Set<HashAlgorithm> banks) throws Exception {
    try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
      tpm.tpm.extend(14, DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.filled(32, 0x11))));
      Quote quote = tpm.source.quote(QuotingTpm.request(Set.of(), banks));
      for (Map.Entry<String, Bytes> file : new TpmQuoteVerifier().files(quote).entrySet()) {
        Files.write(folder.resolve(file.getKey()), file.getValue().toArray());
      }
    }
  }

  private String checkQuote(String nonce) throws IOException {
    return swtpm.run(
        "tpm2_checkquote",
        "-u",
        file("ak.pem"),
        "-m",
        file("attest.bin"),
        "-s",
        file("signature.bin"),
        "-f",
        file("pcrs.bin"),
        "-q",
        nonce);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecc", "rsa"})
  void givenAQuoteOfOurs_thenCheckquoteAcceptsIt(String key) throws Exception {
    quoteIntoFiles(key, Set.of());

    assertThat(checkQuote(QuotingTpm.NONCE.toHex())).contains("pcrs:");
  }

  @Test
  void givenBanksAskedFor_thenCheckquoteAcceptsIt() throws Exception {
    quoteIntoFiles("ecc", Set.of(HashAlgorithm.SHA1, HashAlgorithm.SHA512));

    assertThat(checkQuote(QuotingTpm.NONCE.toHex())).contains("sha512:");
  }

  @Test
  void givenAnotherNonceOrValue_thenCheckquoteRefusesIt() throws Exception {
    quoteIntoFiles("ecc", Set.of());
    byte[] values = bytes("pcrs.bin").toArray();
    values[132 + 4 + 4 + 2] ^= 1; // the first value

    assertThatThrownBy(() -> checkQuote("00")).isInstanceOf(IOException.class);
    Files.write(folder.resolve("pcrs.bin"), values);
    assertThatThrownBy(() -> checkQuote(QuotingTpm.NONCE.toHex())).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({"ecc, ecdsa", "rsa, rsassa", "rsa, rsapss"})
  void givenAQuoteOfTpm2Quote_thenOursProvesItsValues(String kind, String scheme) throws Exception {
    swtpm.run("tpm2_createek", "-G", "ecc", "-c", file("ek"));
    swtpm.run(
        "tpm2_createak",
        "-C",
        file("ek"),
        "-G",
        kind,
        "-g",
        "sha256",
        "-s",
        scheme,
        "-c",
        file("ak"),
        "-u",
        file("ak.pub"));
    swtpm.run("tpm2_flushcontext", "-t");
    swtpm.run("tpm2_pcrextend", "4:sha1=" + "01".repeat(20));
    swtpm.run(
        "tpm2_quote",
        "-c",
        file("ak"),
        "--scheme",
        scheme,
        "-l",
        "sha256:23,1+sha1:4",
        "-q",
        "c0ffee",
        "-m",
        file("message"),
        "-s",
        file("signature"),
        "-o",
        file("pcrs"),
        "-F",
        "values");
    Bytes pcrs = bytes("pcrs");
    Quote quote =
        Quote.of(
            "tpm2",
            Map.of(
                "attest",
                bytes("message"),
                "signature",
                bytes("signature"),
                "public",
                bytes("ak.pub").slice(Short.BYTES, bytes("ak.pub").length())),
            Map.of(
                RegisterId.pcr(1), sha256(pcrs.slice(0, 32)),
                RegisterId.pcr(23), sha256(pcrs.slice(32, 64)),
                RegisterId.pcr(4),
                    DigestSet.of(new Digest(HashAlgorithm.SHA1, pcrs.slice(64, 84)))));

    QuoteVerdict verdict = new TpmQuoteVerifier().verify(quote);

    assertThat(verdict.ok()).as("%s", verdict.checks()).isTrue();
    assertThat(verdict.nonce()).isEqualTo(Bytes.fromHex("c0ffee"));
    assertThat(verdict.proven().asMap()).isEqualTo(quote.values());
  }

  private static DigestSet sha256(Bytes value) {
    return DigestSet.of(new Digest(HashAlgorithm.SHA256, value));
  }
}
