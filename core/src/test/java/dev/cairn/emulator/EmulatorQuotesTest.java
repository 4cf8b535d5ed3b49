package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmulatorQuotesTest {
  private static final Bytes NONCE = Bytes.fromHex("0123456789abcdef");

  @TempDir Path directory;

  private static QuoteRequest request(Set<RegisterId> registers, Set<HashAlgorithm> banks) {
    return new QuoteRequest(NONCE, new TreeSet<>(registers), new TreeSet<>(banks));
  }

  @Nested
  class GivenTdx {
    private static final RegisterId RTMR2 = RegisterId.rtmr(2);
    private EmulatorBackend emulator;
    private QuoteSource source;

    @BeforeEach
    void open() throws Exception {
      emulator = EmulatorBackend.open(EmulatorProfile.TDX, directory.resolve("registers"));
      source = emulator.quotes().orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
      assertThat(emulator.unusedFaults()).isEmpty();
      emulator.close();
    }

    @Test
    void whenOneRegisterIsAskedFor_thenAllAreShownAsTheHardwareDoes() throws Exception {
      emulator.extend(RTMR2, DigestSet.filled(List.of(HashAlgorithm.SHA384), 7));

      Quote quote = source.quote(request(Set.of(RTMR2), Set.of()));

      assertThat(quote.type()).isEqualTo(source.type()).isEqualTo("emulator");
      assertThat(quote.values()).hasSize(5);
      for (RegisterDescriptor register : emulator.registers()) {
        assertThat(quote.values()).containsEntry(register.id(), emulator.read(register.id()));
      }
    }

    @Test
    void whenTheReportIsParsed_thenItHasNonceAndValues() throws Exception {
      Quote quote = source.quote(QuoteRequest.of(NONCE));

      assertThat(quote.parts()).containsOnlyKeys("report");
      assertThat(EmulatorReport.parse(quote.parts().getOrDefault("report", Bytes.EMPTY)))
          .isEqualTo(new EmulatorReport(NONCE, quote.values()));
    }

    @Test
    void whenABankIsNotActive_thenItIsRefusedByName() throws Exception {
      BackendException refusal =
          catchThrowableOfType(
              BackendException.class,
              () -> source.quote(request(Set.of(), Set.of(HashAlgorithm.SHA256))));

      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("sha256").hasMessageContaining("[sha384]");
    }

    @Test
    void whenSomebodyExtendsBeforeAQuote_thenItShowsThat() throws Exception {
      DigestSet before = emulator.read(RTMR2);
      emulator.inject(Fault.parse("on quote of rtmr2 1: foreign-before random 3"));

      Quote quote = source.quote(QuoteRequest.of(NONCE));

      assertThat(quote.values().get(RTMR2)).isEqualTo(emulator.read(RTMR2)).isNotEqualTo(before);
    }

    @Test
    void whenTheReplyOfAQuoteIsLost_thenTheNextSucceeds() throws Exception {
      emulator.inject(FaultTrigger.onQuotes(1, 1).then(FaultAction.loseReply()));

      BackendException lost =
          catchThrowableOfType(BackendException.class, () -> source.quote(QuoteRequest.of(NONCE)));

      assertThat(lost.outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(source.quote(QuoteRequest.of(NONCE)).values()).hasSize(5);
    }
  }

  @Nested
  class GivenTpm {
    private static final RegisterId PCR14 = RegisterId.pcr(14);
    private EmulatorBackend emulator;
    private QuoteSource source;

    @BeforeEach
    void open() throws Exception {
      emulator = EmulatorBackend.open(EmulatorProfile.TPM, directory.resolve("registers"));
      source = emulator.quotes().orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
      assertThat(emulator.unusedFaults()).isEmpty();
      emulator.close();
    }

    @Test
    void whenRegistersAndBanksAreNamed_thenExactlyThoseAreShown() throws Exception {
      Set<HashAlgorithm> banks = Set.of(HashAlgorithm.SHA1, HashAlgorithm.SHA512);

      Quote quote = source.quote(request(Set.of(PCR14, RegisterId.pcr(17)), banks));

      assertThat(quote.values())
          .isEqualTo(
              Map.of(
                  PCR14,
                  DigestSet.filled(banks, 0),
                  RegisterId.pcr(17),
                  DigestSet.filled(banks, 0xFF)));
    }

    @Test
    void whenNothingIsNamed_thenAllPcrsAreShownInSha256() throws Exception {
      Quote quote = source.quote(QuoteRequest.of(NONCE));

      assertThat(quote.values()).hasSize(24);
      assertThat(quote.values().values())
          .allMatch(v -> v.hasExactly(List.of(HashAlgorithm.SHA256)));
    }

    @Test
    void whenARegisterIsNotThere_thenItIsRefusedByName() throws Exception {
      BackendException refusal =
          catchThrowableOfType(
              BackendException.class,
              () -> source.quote(request(Set.of(PCR14, RegisterId.rtmr(2)), Set.of())));

      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal.register()).contains(RegisterId.rtmr(2));
    }
  }
}
