package dev.cairn.evidence;

import static dev.cairn.evidence.Verdicts.emulator;
import static dev.cairn.evidence.Verdicts.failed;
import static dev.cairn.evidence.Verdicts.source;
import static dev.cairn.evidence.Verdicts.verify;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.EventReader;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.QuotedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DishonestEvidenceTest {
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
  class GivenALiar {
    private QuotedLog quoted;
    private byte[] log;

    @BeforeEach
    void quote() throws Exception {
      quoted = attester.quote(PCR14, PCR15);
      log = attester.log(quoted);
    }

    private byte[] document(long position, byte[] data) throws IOException {
      return Attester.document(Attester.head(quoted), List.of(), position, data);
    }

    @Test
    void whenTheLastRecordIsCutOff_thenTheRegisterIsNotExplained() throws Exception {
      byte[] cut = Arrays.copyOf(log, lastRecord());

      assertThat(failed(verify(document(2, cut), emulator()))).containsExactly("registers");
    }

    @Test
    void whenTheLastRecordIsTornOff_thenTheLogIsDamaged() throws Exception {
      byte[] torn = Arrays.copyOf(log, log.length - 1);

      assertThat(failed(verify(document(3, torn), emulator()))).contains("log", "registers");
    }

    @Test
    void whenTheLastRecordIsRepeatedBehindTheEnd_thenTheLogIsTooLong() throws Exception {
      byte[] longer = Arrays.copyOf(log, log.length + log.length - lastRecord());
      System.arraycopy(log, lastRecord(), longer, log.length, log.length - lastRecord());

      assertThat(failed(verify(document(3, longer), emulator()))).contains("log", "registers");
    }

    @Test
    void whenAByteOfAnEventIsChanged_thenTheRecordIsWrong() throws Exception {
      byte[] changed = log.clone();
      changed[changed.length - 1] ^= 1;

      assertThat(failed(verify(document(3, changed), emulator()))).contains("records");
    }

    @Test
    void whenAValueIsChanged_thenItIsNotProven() throws Exception {
      String text = new String(document(3, log), UTF_8);
      String value =
          quoted.quote().values().getOrDefault(PCR14, DigestSet.EMPTY).at(0).value().toHex();
      String other = (value.charAt(0) == '0' ? "1" : "0") + value.substring(1);

      EvidenceReport report = verify(text.replace(value, other).getBytes(UTF_8), emulator());

      assertThat(failed(report)).containsExactly("values");
    }

    @Test
    void whenTheQuoteIsOfAnUnknownKind_thenTheKnownOnesAreNamed() throws Exception {
      EvidenceHead head = Attester.head(quoted);
      Quote other = new Quote("magic", head.quote().parts(), head.quote().values());
      byte[] document =
          Attester.document(
              new EvidenceHead(head.epoch(), head.nonce(), other, head.explained()),
              List.of(),
              3,
              log);

      assertThatThrownBy(() -> verify(document, emulator()))
          .isInstanceOf(MalformedEvidenceException.class)
          .hasMessageContaining("'magic'")
          .hasMessageContaining("emulator");
    }

    private int lastRecord() throws IOException {
      try (EventReader reader = source(log).open()) {
        reader.next();
        reader.next();
        reader.next();
        return (int) reader.recordOffset();
      }
    }
  }
}
