package dev.cairn.evidence;

import static dev.cairn.evidence.Attester.NONCE;
import static dev.cairn.evidence.Verdicts.emulator;
import static dev.cairn.evidence.Verdicts.failed;
import static dev.cairn.evidence.Verdicts.options;
import static dev.cairn.evidence.Verdicts.verify;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.QuotedLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedRegistersTest {
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
  class GivenOthersThatExtend {
    private static final RegisterId PCR10 = RegisterId.pcr(10);

    @Test
    void whenTheirRegisterIsNotOurs_thenItIsNotExplainedAndThatIsSaid() throws Exception {
      QuotedLog quoted = quotedAfterAnotherExtended(PCR10);

      EvidenceReport report = verify(withoutClaim(quoted, PCR10), emulator());

      assertThat(report.ok()).isTrue();
      assertThat(report.notExplained()).containsExactly(PCR10);
      assertThat(report.notes()).anyMatch(note -> note.contains("pcr10"));
    }

    @Test
    void whenTheirRegisterIsRequired_thenItFails() throws Exception {
      QuotedLog quoted = quotedAfterAnotherExtended(PCR10);

      EvidenceReport report =
          verify(
              withoutClaim(quoted, PCR10),
              options(Optional.of(NONCE), Optional.empty(), Set.of(PCR10), false));

      assertThat(failed(report)).containsExactly("registers");
    }

    @Test
    void whenTheDaemonCallsItExplained_thenItFails() throws Exception {
      QuotedLog quoted = quotedAfterAnotherExtended(PCR10);
      byte[] document =
          Attester.document(
              Attester.head(quoted), List.of(), quoted.position(), attester.log(quoted));

      assertThat(failed(verify(document, emulator()))).contains("registers");
    }

    @Test
    void whenTheyExtendOurs_thenTheLogAdmitsAGap() throws Exception {
      attester.extendBehindItsBack(PCR14);

      byte[] document = attester.evidence(PCR14);

      assertThat(failed(verify(document, emulator()))).containsExactly("gaps");
      assertThat(
              verify(document, options(Optional.of(NONCE), Optional.empty(), Set.of(), true)).ok())
          .isTrue();
    }

    /** A quote whose log lacks what somebody else extended just before it was taken. */
    private QuotedLog quotedAfterAnotherExtended(RegisterId register) throws Exception {
      QuotedLog before = attester.quote(PCR14, register);
      attester.extendBehindItsBack(register);
      Quote quote =
          attester
              .emulator
              .quotes()
              .orElseThrow()
              .quote(
                  new QuoteRequest(NONCE, new TreeSet<>(Set.of(PCR14, register)), new TreeSet<>()));
      return new QuotedLog(
          quote, before.epoch(), before.position(), before.offset(), before.explained());
    }

    private byte[] withoutClaim(QuotedLog quoted, RegisterId register) throws IOException {
      EvidenceHead head = Attester.head(quoted);
      var explained = new TreeSet<>(head.explained());
      explained.remove(register);
      return Attester.document(
          new EvidenceHead(head.epoch(), head.nonce(), head.quote(), explained),
          List.of(),
          quoted.position(),
          attester.log(quoted));
    }
  }

  @Nested
  class GivenARegisterThatFirmwareExtendedFirst {
    private static final Bytes SHIM = Bytes.filled(20, 0x5C);

    private Attester later;
    private QuotedLog quoted;

    @BeforeEach
    void quote() throws Exception {
      Path other = Files.createDirectory(directory.resolve("other"));
      try (EmulatorBackend registers =
          EmulatorBackend.open(EmulatorProfile.TPM, other.resolve("registers"))) {
        registers.extend(PCR14, digests(SHIM));
      }
      later = Attester.in(other, EmulatorProfile.TPM);
      later.extend(PCR14, "ours");
      quoted = later.quote(PCR14);
    }

    @AfterEach
    void closeLater() {
      later.close();
    }

    private static DigestSet digests(Bytes measured) {
      return new Hasher().hash(EmulatorProfile.TPM.banks(), measured);
    }

    /** Returns evidence with a boot log in which {@code measured} went into PCR 14. */
    private EvidenceReport verifyWithBootLog(Bytes measured) throws Exception {
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      try (EventWriter writer = EventLogs.writer(LogFormat.TCG2, log)) {
        PcClientEvent event = new PcClientEvent(EventTypes.EV_SEPARATOR, measured);
        writer.write(new EventRecord(0, PCR14, digests(measured), event));
      }
      return verify(
          Attester.document(
              Attester.head(quoted),
              List.of(
                  new LogPart.Foreign(
                      ForeignLog.Origin.FIRMWARE,
                      "boot",
                      "tcg2",
                      new ByteArrayInputStream(log.toByteArray()))),
              quoted.position(),
              later.log(quoted)),
          emulator());
    }

    @Test
    void whenThereIsNoBootLog_thenItsStartIsNotProven() throws Exception {
      EvidenceReport report = verify(later.evidence(PCR14), emulator());

      assertThat(report.ok()).isTrue();
      assertThat(report.notes())
          .anyMatch(note -> note.startsWith("not proven: what extended pcr14 before"));
    }

    @Test
    void whenTheBootLogExplainsIt_thenNothingIsLeftToSay() throws Exception {
      EvidenceReport report = verifyWithBootLog(SHIM);

      assertThat(report.ok()).isTrue();
      assertThat(report.notes()).noneMatch(note -> note.contains("not proven"));
    }

    @Test
    void whenTheBootLogSaysSomethingElse_thenItContradictsOurs() throws Exception {
      EvidenceReport report = verifyWithBootLog(Bytes.filled(20, 0x66));

      assertThat(failed(report)).containsExactly("records");
    }
  }
}
