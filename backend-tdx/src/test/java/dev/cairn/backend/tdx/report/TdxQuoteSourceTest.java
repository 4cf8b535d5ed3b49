package dev.cairn.backend.tdx.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.emulation.TdxQuotes.Shape;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.quote.TdxQuoteVerifier;
import dev.cairn.evidence.QuoteVerdict;
import dev.cairn.evidence.QuoteVerdict.Check;
import dev.cairn.evidence.Trust;
import dev.cairn.linux.Folder;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RegisterValues;
import dev.cairn.testing.Hostile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quotes from a kernel that is emulated, with all that can come between. */
class TdxQuoteSourceTest {
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final QuoteRequest REQUEST = QuoteRequest.of(Bytes.fromHex("0102030405"));

  abstract static class Given {
    @TempDir Path point;
    EmulatedKernel kernel;
    TdxQuoteSource source;

    abstract Offer offer();

    @BeforeEach
    void start() throws IOException {
      kernel = EmulatedKernel.start(point, Offer.SYSFS, offer());
      source = new TdxQuoteSource(kernel.configfs(), PATIENCE);
    }

    @AfterEach
    void stop() throws IOException {
      try {
        assertThat(kernel.openFiles()).isZero();
      } finally {
        kernel.close();
      }
    }

    Path reports() {
      return kernel.configfs().resolve("tsm/report");
    }

    List<String> entries() throws IOException {
      try (Stream<Path> entries = Files.list(reports())) {
        return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
      }
    }

    BackendException refusal() {
      return refusal(REQUEST);
    }

    BackendException refusal(QuoteRequest request) {
      return catchThrowableOfType(BackendException.class, () -> source.quote(request));
    }

    /** Asserts that {@code quote} verifies, and proves what the registers hold now. */
    void assertGenuine(Quote quote) throws IOException {
      Trust trust = new Trust(List.of(kernel.tdxReports().rootCertificate()), Clock.systemUTC());
      QuoteVerdict verdict = new TdxQuoteVerifier(trust).verify(quote);
      assertThat(verdict.checks()).allMatch(Check::passed);
      assertThat(verdict.nonce().slice(0, 5)).isEqualTo(REQUEST.nonce());
      assertThat(verdict.nonce().slice(5, 64).isFilledWith(0)).isTrue();
      assertThat(verdict.proven()).isEqualTo(RegisterValues.of(quote.values()));
      for (int i = 0; i < 4; i++) {
        Bytes held = Bytes.owning(kernel.hardware().rtmr(i));
        assertThat(quote.values())
            .containsEntry(
                RegisterId.rtmr(i), DigestSet.of(new Digest(HashAlgorithm.SHA384, held)));
      }
    }
  }

  @Nested
  class GivenATdxGuest extends Given {
    @Override
    Offer offer() {
      return Offer.REPORTS;
    }

    @ParameterizedTest
    @EnumSource
    void whenAQuoteIsTaken_thenItProvesTheRegistersAndNothingIsLeft(Shape shape) throws Exception {
      kernel.tdxReports().setShape(shape, 100);

      Quote quote = source.quote(REQUEST);

      assertThat(quote.type()).isEqualTo("tdx");
      assertThat(quote.parts()).containsOnlyKeys("quote");
      assertThat(quote.values()).hasSize(5);
      assertGenuine(quote);
      assertThat(entries()).isEmpty();
      assertThat(kernel.reports().made()).isEqualTo(1);
    }

    @Test
    void whenARegisterIsExtendedAndTheNonceIsTheSame_thenTheNextQuoteShowsIt() throws Exception {
      Quote before = source.quote(REQUEST);
      kernel.hardware().extendByOthers(2, new byte[48]);
      Quote after = source.quote(REQUEST);

      assertThat(after.values()).isNotEqualTo(before.values());
      assertGenuine(after);
    }

    @Test
    void whenTheNonceHas64Bytes_thenTheyAreTheReportData() throws Exception {
      Bytes nonce = Bytes.owning(Hostile.noise(64, 1));
      Quote quote = source.quote(QuoteRequest.of(nonce));
      assertThat(quote.parts().getOrDefault("quote", Bytes.EMPTY).slice(0x238, 0x278))
          .isEqualTo(nonce);
    }

    @Test
    void whenSomeRegistersOfItsBankAreAskedFor_thenAllAreQuoted() throws Exception {
      Quote quote =
          source.quote(
              new QuoteRequest(
                  REQUEST.nonce(),
                  new TreeSet<>(Set.of(RegisterId.rtmr(3))),
                  new TreeSet<>(Set.of(HashAlgorithm.SHA384))));
      assertGenuine(quote);
    }

    @Test
    void whenAnotherRegisterOrBankIsAskedFor_thenItIsRefused() {
      BackendException register =
          refusal(
              new QuoteRequest(
                  REQUEST.nonce(), new TreeSet<>(Set.of(RegisterId.pcr(7))), new TreeSet<>()));
      BackendException bank =
          refusal(
              new QuoteRequest(
                  REQUEST.nonce(),
                  new TreeSet<>(),
                  new TreeSet<>(Set.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384))));

      assertThat(register)
          .hasMessageContaining(
              "registers [pcr7]: a TDX quote has [mrtd, rtmr0, rtmr1, rtmr2, rtmr3]");
      assertThat(bank).hasMessageContaining("banks [SHA256, SHA384]: a TDX quote has sha384 only");
      assertThat(List.of(register.outcome(), bank.outcome())).containsOnly(Outcome.NOT_EXECUTED);
      assertThat(kernel.reports().made()).isZero();
    }

    @Test
    void whenTheDriverIsUnloaded_thenTheRemedyIsNamed() throws Exception {
      kernel.reports().setRegistered(false);
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("modprobe tdx_guest").hasMessageContaining("ENXIO");

      kernel.reports().setRegistered(true);
      assertGenuine(source.quote(REQUEST));
    }

    @ParameterizedTest
    @EnumSource(names = {"EBUSY", "EINTR", "ETIMEDOUT"})
    void whenTheHostIsBusyForAMoment_thenItIsAskedAgain(Errno errno) throws Exception {
      kernel.faults().fail(Place.QUOTE, Faults.next(3), errno);
      assertGenuine(source.quote(REQUEST));
      assertThat(kernel.faults().happened()).isEqualTo(3);
      assertThat(entries()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"EBUSY", "EINTR", "ETIMEDOUT"})
    void whenTheHostStaysBusy_thenItIsUnknownAfterAWhileAndNothingIsLeft(Errno errno)
        throws Exception {
      kernel.faults().fail(Place.QUOTE, Faults.every(1), errno);
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(refusal).hasMessageContaining("does not answer").hasMessageContaining("" + errno);
      assertThat(kernel.faults().happened()).isBetween(2, 10);
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenTheHostFailsTwice_thenItIsAskedAgain() throws Exception {
      kernel.faults().fail(Place.QUOTE, Faults.next(2), Errno.EIO);
      assertGenuine(source.quote(REQUEST));
    }

    @Test
    void whenTheHostFailsAgainAndAgain_thenItIsNotAskedForLong() throws Exception {
      kernel.faults().fail(Place.QUOTE, Faults.every(1), Errno.EIO);
      assertThat(refusal().outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(kernel.faults().happened()).isEqualTo(3);
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenTheHostNeverAnswers_thenItIsUnknownAndLaterItWorks() throws Exception {
      kernel.tdxReports().silenceHost(PATIENCE.multipliedBy(2));
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(refusal).hasMessageContaining("after 1 attempts").hasMessageContaining("EIO");
      assertThat(refusal()).hasMessageContaining("EBUSY"); // the host still has the request
      assertThat(entries()).isEmpty();

      kernel.tdxReports().wakeHost();
      assertGenuine(source.quote(REQUEST));
    }

    @ParameterizedTest
    @EnumSource(names = {"EFBIG", "ENOMEM"})
    void whenTheKernelRefusesForAnotherReason_thenItIsNotAskedAgain(Errno errno) throws Exception {
      kernel.faults().fail(Place.QUOTE, Faults.every(1), errno);
      assertThat(refusal().outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(kernel.faults().happened()).isEqualTo(1);
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenARequestIsLost_thenAnotherEntryServes() throws Exception {
      kernel.faults().fail(Place.INBLOB, Faults.next(1), Errno.EBUSY);
      assertGenuine(source.quote(REQUEST));
      assertThat(kernel.faults().happened()).isEqualTo(1);
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenEveryRequestIsLost_thenItIsUnknown() throws Exception {
      kernel.faults().fail(Place.INBLOB, Faults.every(1), Errno.EBUSY);
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(refusal)
          .hasMessageContaining("3 entries, each disturbed")
          .hasMessageContaining("generation 0, needs 1: the request was lost");
      assertThat(entries()).isEmpty();
      assertThat(kernel.reports().made()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"INBLOB", "QUOTE"})
    void whenSomebodyElseAsksThroughOurEntry_thenThatQuoteIsNotTaken(Place moment)
        throws Exception {
      kernel
          .faults()
          .meanwhile(
              moment, Faults.next(1), () -> kernel.reports().askThroughAll(Hostile.noise(64, 2)));
      assertGenuine(source.quote(REQUEST));
      assertThat(kernel.faults().happened()).isEqualTo(1);
      assertThat(kernel.reports().made()).isEqualTo(moment == Place.QUOTE ? 2 : 1);
      assertThat(entries()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"INBLOB", "QUOTE"})
    void whenSomebodyElseRemovesOurEntry_thenAnotherServes(Place moment) throws Exception {
      kernel.faults().meanwhile(moment, Faults.next(1), () -> kernel.reports().removeAll());
      assertGenuine(source.quote(REQUEST));
      assertThat(kernel.faults().happened()).isEqualTo(1);
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenSomebodyElseDoesSoAgainAndAgain_thenItIsUnknown() throws Exception {
      kernel
          .faults()
          .meanwhile(
              Place.INBLOB,
              Faults.every(1),
              () -> kernel.reports().askThroughAll(Hostile.noise(64, 2)));
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(refusal)
          .hasMessageContaining("3 entries, each disturbed")
          .hasMessageContaining("generation 2, needs 1: somebody else asked through this entry");
      assertThat(entries()).isEmpty();
    }

    @Test
    void whenAQuoteIsTaken_thenTheNameOfItsEntryCannotBeGuessed() throws Exception {
      List<String> names = new ArrayList<>();
      kernel
          .faults()
          .meanwhile(
              Place.QUOTE,
              Faults.every(1),
              () -> names.addAll(kernel.reports().entries().keySet()));
      source.quote(REQUEST);
      source.quote(REQUEST);
      assertThat(names)
          .hasSize(2)
          .doesNotHaveDuplicates()
          .allMatch(name -> name.matches("cairn-[0-9a-f]{32}"));
    }

    @Test
    void whenTwoAskAtTheSameTime_thenNeitherDisturbsTheOther() throws Exception {
      List<CompletableFuture<List<Quote>>> askers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        askers.add(CompletableFuture.supplyAsync(() -> quotes(30)));
      }
      for (CompletableFuture<List<Quote>> asker : askers) {
        for (Quote quote : asker.get()) {
          assertGenuine(quote);
        }
      }
      assertThat(kernel.reports().made()).isEqualTo(60);
      assertThat(entries()).isEmpty();
    }

    private List<Quote> quotes(int count) {
      TdxQuoteSource own = new TdxQuoteSource(kernel.configfs(), PATIENCE);
      List<Quote> quotes = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          quotes.add(own.quote(REQUEST));
        }
      } catch (BackendException e) {
        throw new IllegalStateException(e);
      }
      return quotes;
    }

    @Test
    void whenStarted_thenEntriesOfTheDeadAreRemovedAndNoOthers() throws Exception {
      Folder.make(reports().resolve("cairn-00000000000000000000000000000000"));
      Folder.make(reports().resolve("com.intel.dcap"));
      try (ReportEntry inUse = new ReportFolder(reports()).make()) {
        source = new TdxQuoteSource(kernel.configfs(), PATIENCE);
        assertThat(entries())
            .containsExactlyInAnyOrder(
                "com.intel.dcap", String.valueOf(Path.of(inUse.toString()).getFileName()));
      }
      assertThat(entries()).containsExactly("com.intel.dcap");
    }
  }

  @Nested
  class GivenAnotherKindOfGuest extends Given {
    @Override
    Offer offer() {
      return Offer.SEV_REPORTS;
    }

    @Test
    void whenAQuoteIsTaken_thenItIsRefusedAndNothingIsLeft() throws Exception {
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("needs 'tdx_guest': this is no TDX guest");
      assertThat(entries()).isEmpty();
    }
  }

  @Nested
  class GivenAKernelWithoutReports extends Given {
    @Override
    Offer offer() {
      return Offer.RTMRS;
    }

    @Test
    void whenAQuoteIsTaken_thenItIsRefusedWithTheRemedy() {
      BackendException refusal = refusal();
      assertThat(refusal.outcome()).isEqualTo(Outcome.NOT_EXECUTED);
      assertThat(refusal).hasMessageContaining("is not there: needs Linux 6.7 or newer");
    }
  }
}
