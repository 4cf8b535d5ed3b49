package dev.cairn.evidence;

import static dev.cairn.evidence.Attester.NONCE;
import static dev.cairn.evidence.Verdicts.emulator;
import static dev.cairn.evidence.Verdicts.failed;
import static dev.cairn.evidence.Verdicts.options;
import static dev.cairn.evidence.Verdicts.source;
import static dev.cairn.evidence.Verdicts.verify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.QuotedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceVerifierTest {
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static final RegisterId PCR15 = RegisterId.pcr(15);

  @TempDir Path directory;
  private Attester attester;

  @BeforeEach
  void attest() throws Exception {
    attester = Attester.in(directory, EmulatorProfile.TPM);
    attester.extend(PCR14, "first");
    attester.extend(PCR15, "second");
    attester.extend(PCR14, "third");
  }

  @AfterEach
  void close() {
    attester.close();
  }

  @Nested
  class GivenHonestEvidence {
    @Test
    void whenVerified_thenEveryRegisterOfTheLogIsExplained() throws Exception {
      EvidenceReport report = verify(attester.evidence(PCR14, PCR15), emulator());

      assertThat(report.checks()).allMatch(Check::passed);
      assertThat(report.ok()).isTrue();
      assertThat(report.required()).containsExactly(PCR14, PCR15);
      assertThat(report.notExplained()).isEmpty();
      assertThat(report.checks())
          .extracting(Check::name)
          .containsExactly("values", "signed", "nonce", "log", "records", "gaps", "registers");
    }

    @Test
    void whenTheEmulatorIsNotAllowed_thenItIsNotAccepted() throws Exception {
      EvidenceReport report = verify(attester.evidence(PCR14), EvidenceOptions.of(NONCE));

      assertThat(failed(report)).containsExactly("signed");
      assertThat(report.logs()).isEmpty();
      assertThat(report.notes()).anyMatch(note -> note.contains("signed by nobody"));
    }

    @Test
    void whenTheNonceIsAnotherOrMissing_thenItIsNotFresh() throws Exception {
      byte[] document = attester.evidence(PCR14);
      Bytes other = Bytes.filled(32, 1);

      assertThat(
              failed(
                  verify(document, options(Optional.of(other), Optional.empty(), Set.of(), false))))
          .containsExactly("nonce");
      assertThat(
              failed(
                  verify(document, options(Optional.empty(), Optional.empty(), Set.of(), false))))
          .containsExactly("nonce");
    }

    @Test
    void whenAKeyIsPinnedThatNobodyHas_thenItIsNotAccepted() throws Exception {
      KeyPin pin = new KeyPin(Bytes.filled(32, 7));

      EvidenceReport report =
          verify(
              attester.evidence(PCR14),
              options(Optional.of(NONCE), Optional.of(pin), Set.of(), false));

      assertThat(failed(report)).containsExactly("trusted_key");
    }

    @Test
    void whenOneRegisterOfTwoIsQuoted_thenTheOthersRecordsAreNotVouchedFor() throws Exception {
      EvidenceReport report = verify(attester.evidence(PCR14), emulator());

      assertThat(report.ok()).isTrue();
      assertThat(report.notes())
          .anyMatch(note -> note.contains("not quoted") && note.contains("pcr15"));
    }

    @Test
    void whenARegisterIsRequiredThatIsNotQuoted_thenItFails() throws Exception {
      EvidenceReport report =
          verify(
              attester.evidence(PCR14),
              options(Optional.of(NONCE), Optional.empty(), Set.of(PCR15), false));

      assertThat(failed(report)).containsExactly("registers");
    }

    @Test
    void whenTheLogWasFetchedLater_thenItsTailIsLeftOut() throws Exception {
      QuotedLog quoted = attester.quote(PCR14);
      attester.extend(PCR14, "later");
      byte[] longer = attester.log(attester.quote(PCR14));
      byte[] document = without(Attester.head(quoted), quoted);
      EvidenceOptions options =
          new EvidenceOptions(
              Optional.of(NONCE),
              Optional.empty(),
              Set.of(),
              true,
              false,
              Optional.of(source(longer)),
              List.of());

      assertThat(verify(document, options).ok()).isTrue();
    }

    @Test
    void whenThereIsNoLogOrAreTwo_thenThatIsSaid() throws Exception {
      QuotedLog quoted = attester.quote(PCR14);
      EvidenceOptions withLog =
          new EvidenceOptions(
              Optional.of(NONCE),
              Optional.empty(),
              Set.of(),
              true,
              false,
              Optional.of(source(attester.log(quoted))),
              List.of());

      assertThatThrownBy(() -> verify(without(Attester.head(quoted), quoted), emulator()))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessageContaining("log: not in the evidence: give records 0 to 3");
      assertThatThrownBy(() -> verify(attester.evidence(PCR14), withLog))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessageContaining("give no other");
    }

    private byte[] without(EvidenceHead head, QuotedLog quoted) throws IOException {
      LogPart.Committed part =
          new LogPart.Committed(quoted.position(), quoted.offset(), Optional.empty());
      try (var in = EvidenceWriter.stream(head, List.of(), part)) {
        return in.readAllBytes();
      }
    }
  }

  @Nested
  class GivenASignature {
    private KeyPair key;
    private byte[] document;

    @BeforeEach
    void sign() throws Exception {
      QuotedLog quoted = attester.quote(PCR14, PCR15);
      key = SignedQuotes.newKey();
      Quote signed = SignedQuotes.sign(key, NONCE, quoted.quote().values());
      document =
          Attester.document(
              new EvidenceHead(quoted.epoch(), NONCE, signed, quoted.explained()),
              List.of(),
              quoted.position(),
              attester.log(quoted));
    }

    private EvidenceOptions pinned(Bytes pin) {
      return new EvidenceOptions(
          Optional.of(NONCE),
          Optional.of(new KeyPin(pin)),
          Set.of(),
          false,
          false,
          Optional.empty(),
          List.of());
    }

    @Test
    void whenNoKeyIsPinned_thenItPassesAndSaysWhatIsNotProven() throws Exception {
      EvidenceReport report = verify(document, EvidenceOptions.of(NONCE));

      assertThat(report.ok()).isTrue();
      assertThat(report.notes())
          .anyMatch(
              note ->
                  note.startsWith("not proven: whose key it is") && note.contains(name().toHex()));
    }

    @Test
    void whenItsNameIsPinned_thenNothingIsLeftToSay() throws Exception {
      EvidenceReport report = verify(document, pinned(name()));

      assertThat(report.ok()).isTrue();
      assertThat(report.notes()).isEmpty();
    }

    @Test
    void whenItsBareKeyIsPinned_thenThatItMaySignAnythingIsSaid() throws Exception {
      EvidenceReport report = verify(document, pinned(fingerprint()));

      assertThat(report.ok()).isTrue();
      assertThat(report.notes()).singleElement().asString().contains("bare public key");
    }

    @Test
    void whenAnotherKeyIsPinned_thenItFails() throws Exception {
      assertThat(failed(verify(document, pinned(Bytes.filled(32, 1)))))
          .containsExactly("trusted_key");
    }

    private Bytes name() {
      return SignedQuotes.name(SignedQuotes.publicKey(key));
    }

    private Bytes fingerprint() {
      return new SigningKey(SignedQuotes.publicKey(key), Optional.empty()).fingerprint().value();
    }
  }
}
