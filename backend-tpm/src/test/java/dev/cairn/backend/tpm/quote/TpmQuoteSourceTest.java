package dev.cairn.backend.tpm.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tpm.testing.Fault;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quotes of a real swtpm, with keys that Cairn makes. Takes four seconds. */
class TpmQuoteSourceTest {
  private static final RegisterId PCR10 = RegisterId.pcr(10);

  private Swtpm swtpm;

  @BeforeEach
  void start() throws Exception {
    swtpm = Swtpm.start();
  }

  @AfterEach
  void stop() throws Exception {
    swtpm.close();
  }

  private static BackendException refusal(QuotingTpm tpm, QuoteRequest request) {
    return catchThrowableOfType(BackendException.class, () -> tpm.source.quote(request));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecc", "rsa"})
  void givenAKeyThatCairnMakes_thenItsQuoteProvesWhatTheRegistersHold(String key) throws Exception {
    try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
      tpm.tpm.extend(14, hello(QuotingTpm.BANKS));

      QuoteVerdict verdict = tpm.verified();

      assertThat(verdict.proven().asMap()).hasSize(24);
      assertThat(verdict.proven().asMap().get(QuotingTpm.OWNED))
          .isEqualTo(tpm.tpm.read(14, List.of(QuotingTpm.BANKS)));
      assertThat(verdict.proven().asMap().get(PCR10))
          .isEqualTo(DigestSet.filled(List.of(HashAlgorithm.SHA256), 0));
      assertThat(verdict.notes())
          .contains("key: a primary key of the endorsement hierarchy")
          .contains("reset count 1, restart count 0");
    }
  }

  private static DigestSet hello(HashAlgorithm... banks) {
    Bytes hello = Bytes.fromHex("68656c6c6f");
    return DigestSet.of(List.of(banks).stream().map(bank -> bank.hash(hello)).toList());
  }

  @Nested
  class GivenARequest {
    @Test
    void whenRegistersAreNamed_thenExactlyTheseAreQuoted() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        Quote quote = tpm.source.quote(QuotingTpm.request(Set.of(PCR10), Set.of()));

        assertThat(QuotingTpm.verified(quote).proven().asMap()).containsOnlyKeys(PCR10);
      }
    }

    @Test
    void whenBanksAreNamed_thenEveryRegisterIsQuotedInExactlyThese() throws Exception {
      Set<HashAlgorithm> banks = Set.of(HashAlgorithm.SHA384, HashAlgorithm.SHA1);
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        Quote quote = tpm.source.quote(QuotingTpm.request(Set.of(), banks));

        assertThat(QuotingTpm.verified(quote).proven().asMap()).hasSize(24);
        assertThat(quote.values().values()).allMatch(value -> value.hasExactly(banks));
      }
    }

    @Test
    void whenABankIsNotThere_thenRefusedByName() {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc", 64, HashAlgorithm.SHA256)) {
        BackendException refusal =
            refusal(tpm, QuotingTpm.request(Set.of(PCR10), Set.of(HashAlgorithm.SHA384)));

        assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
        assertThat(refusal).hasMessageContaining("pcr10").hasMessageContaining("sha384");
        assertThat(tpm.connector.connections()).isZero();
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcr24", "pcr4294967295", "rtmr0", "nv0x01c10000"})
    void whenTheRegisterIsNone_thenRefusedByName(String name) {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        BackendException refusal =
            refusal(
                tpm, QuotingTpm.request(Set.of(RegisterId.parse(name).orElseThrow()), Set.of()));

        assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
        assertThat(refusal).hasMessageContaining(name);
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64})
    void whenTheNonceIsShortOrLong_thenItIsSigned(int length) throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        Bytes nonce = Bytes.filled(length, 0x17);

        Quote quote = tpm.source.quote(QuoteRequest.of(nonce));

        assertThat(new TpmQuoteVerifier().verify(quote).nonce()).isEqualTo(nonce);
      }
    }

    @Test
    void whenTheNonceIsTooLongForThisTpm_thenRefusedWithTheRemedy() {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc", 32, HashAlgorithm.SHA256)) {
        BackendException refusal = refusal(tpm, QuoteRequest.of(Bytes.filled(35, 1)));

        assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
        assertThat(refusal).hasMessageContaining("35 bytes, this TPM takes at most 34");
      }
    }
  }

  @Nested
  class GivenAResetOfTheTpm {
    @ParameterizedTest
    @ValueSource(strings = {"ecc", "rsa"})
    void whenQuotedAgain_thenTheKeyIsMadeAgainAndIsTheSame(String key) throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
        QuoteVerdict before = tpm.verified();
        swtpm.init();
        tpm.tpm.startupClear();

        QuoteVerdict after = tpm.verified();

        assertThat(after.key()).isEqualTo(before.key());
        assertThat(after.notes()).contains("reset count 2, restart count 0");
      }
    }

    @Test
    void whenProcessesAreKilled_thenTheirKeysDoNotFillTheTpm() throws Exception {
      for (int i = 0; i < 8; i++) {
        QuotingTpm killed = new QuotingTpm(swtpm, "ecc");
        killed.verified();
        killed.drop();
      }

      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.verified();

        assertThat(tpm.tpm.handles(0x8000_0000)).hasSize(1);
      }
    }

    @Test
    void whenClosed_thenTheKeyIsUnloaded() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.verified();
        tpm.source.close();

        assertThat(tpm.tpm.handles(0x8000_0000)).isEmpty();
      }
    }
  }

  @Nested
  class GivenTroubleOnTheWay {
    @Test
    void whenAnAnswerIsLost_thenUnknownAndTheNextQuoteIsGood() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.verified();
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, Fault.replyLost());

        assertThat(refusal(tpm, QuoteRequest.of(QuotingTpm.NONCE)).outcome())
            .isEqualTo(Outcome.UNKNOWN);

        tpm.verified();
        assertThat(tpm.connector.connections()).isEqualTo(2);
        assertThat(tpm.tpm.handles(0x8000_0000)).hasSize(1);
      }
    }

    @Test
    void whenTheAnswerIsCut_thenUnknown() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, Fault.shortened(100));

        assertThat(refusal(tpm, QuoteRequest.of(QuotingTpm.NONCE)).outcome())
            .isEqualTo(Outcome.UNKNOWN);
        tpm.verified();
      }
    }

    @Test
    void whenTheTpmIsBusy_thenItIsAskedAgain() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, 2, Fault.answer(0x922));

        tpm.verified();

        tpm.connector.assertAllFaultsHappened();
      }
    }
  }

  /** Between the reading of the values and the quote. */
  @Nested
  class GivenSomebodyElseWhoExtends {
    private final DigestSet digest =
        DigestSet.of(new Digest(HashAlgorithm.SHA256, Bytes.filled(32, 1)));

    private Fault extendBeforeQuote() {
      return (transport, command, response, timeoutMillis) -> {
        byte[] extend = RawTpm.extendCommand(10, digest);
        transport.transact(
            ByteBuffer.allocateDirect(extend.length).put(extend).flip(), response, timeoutMillis);
        transport.transact(command, response, timeoutMillis);
      };
    }

    @Test
    void whenItHappensFourTimes_thenTheFifthQuoteIsGood() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, 4, extendBeforeQuote());

        QuoteVerdict verdict = tpm.verified();

        tpm.connector.assertAllFaultsHappened();
        assertThat(verdict.proven().find(PCR10, HashAlgorithm.SHA256))
            .isEqualTo(tpm.tpm.read(10, List.of(HashAlgorithm.SHA256)).at(0));
      }
    }

    @Test
    void whenItNeverEnds_thenTheRegisterIsNamed() {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, 5, extendBeforeQuote());

        BackendException refusal = refusal(tpm, QuoteRequest.of(QuotingTpm.NONCE));

        assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
        assertThat(refusal).hasMessageContaining("[pcr10] changed during each of 5 quotes");
        assertThat(tpm.connector.sent(QuotingTpm.COMMAND_QUOTE)).isEqualTo(5);
      }
    }

    @Test
    void whenTheRegisterIsLeftOut_thenOneQuoteIsEnough() throws Exception {
      try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc")) {
        tpm.connector.on(QuotingTpm.COMMAND_QUOTE, 1, extendBeforeQuote());

        Quote quote = tpm.source.quote(QuotingTpm.request(Set.of(QuotingTpm.OWNED), Set.of()));

        assertThat(QuotingTpm.verified(quote).proven().asMap()).containsOnlyKeys(QuotingTpm.OWNED);
      }
    }
  }

  @Test
  void givenABankThatWasTakenAway_thenTheQuoteIsRefused() throws Exception {
    swtpm.run("tpm2_pcrallocate", "sha1:none+sha256:all+sha384:all+sha512:none");
    swtpm.reboot();
    try (QuotingTpm tpm = new QuotingTpm(swtpm, "ecc", 64, HashAlgorithm.SHA1)) {
      BackendException refusal = refusal(tpm, QuoteRequest.of(QuotingTpm.NONCE));

      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("not all that was asked for");
    }
  }

  /** A quote of ours with any bit of any part flipped proves nothing, or is another key's. */
  @ParameterizedTest
  @ValueSource(strings = {"ecc", "rsa"})
  void givenAQuoteThatIsTamperedWith_thenNothingIsProven(String key) throws Exception {
    try (QuotingTpm tpm = new QuotingTpm(swtpm, key)) {
      Quote quote = tpm.source.quote(QuotingTpm.request(Set.of(QuotingTpm.OWNED), Set.of()));
      QuoteVerdict honest = QuotingTpm.verified(quote);

      for (Map.Entry<String, Bytes> part : quote.parts().entrySet()) {
        for (int bit = 0; bit < Byte.SIZE * part.getValue().length(); bit += 29) {
          assertThat(Tampering.proves(honest, Tampering.flip(quote, part.getKey(), bit)))
              .as("%s, bit %d", part.getKey(), bit)
              .isFalse();
        }
      }
    }
  }
}
