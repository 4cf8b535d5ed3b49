package dev.cairn.service;

import static dev.cairn.service.MeasuredLogFixture.RTMR2;
import static dev.cairn.service.MeasuredLogFixture.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.emulator.Fault;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import dev.cairn.service.QuoteException.Reason;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotingTest {
  private static final QuoteRequest REQUEST = QuoteRequest.of(Bytes.fromHex("0102"));

  @TempDir Path directory;
  private EmulatorBackend emulator;
  private SigningBackend backend;
  private MeasuredLog log;

  @BeforeEach
  void open() throws Exception {
    emulator = EmulatorBackend.open(EmulatorProfile.TDX, directory.resolve("registers"));
    backend = new SigningBackend(emulator);
    log =
        MeasuredLog.open(
            LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT),
            backend,
            MeasuredLogOptions.DEFAULT);
  }

  @AfterEach
  void close() {
    log.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof QuoteException refused) {
        throw refused;
      }
      throw e;
    }
  }

  private Reason refusal() {
    return catchThrowableOfType(QuoteException.class, () -> get(log.quote(REQUEST))).reason();
  }

  private DigestSet replayed(RegisterId register, long position) throws Exception {
    try (LogSnapshot snapshot = log.snapshot()) {
      return snapshot.valuesBefore(position).getOrDefault(register, DigestSet.EMPTY);
    }
  }

  @Test
  void givenEvents_whenQuoted_thenTheLogUpToThePositionReplaysToTheQuotedValues() throws Exception {
    get(log.extend(event(RTMR2, "first")));
    get(log.extend(event(RTMR2, "second")));

    QuotedLog quoted = get(log.quote(REQUEST));

    assertThat(quoted.position()).isEqualTo(2);
    assertThat(quoted.explained()).contains(RTMR2).doesNotContain(RegisterId.MRTD);
    assertThat(quoted.quote().values().get(RTMR2)).isEqualTo(replayed(RTMR2, 2));
    assertThat(quoted.quote().parts()).containsEntry("nonce", REQUEST.nonce());
  }

  @Test
  void givenWritersThatGoOn_whenQuotedManyTimes_thenEveryPairAgrees() throws Exception {
    List<CompletableFuture<QuotedLog>> quotes = new ArrayList<>();
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      receipts.add(log.extend(event(RTMR2, "event " + i)));
      if (i % 4 == 0) {
        quotes.add(log.quote(REQUEST));
      }
    }
    for (CompletableFuture<Receipt> receipt : receipts) {
      get(receipt);
    }

    for (CompletableFuture<QuotedLog> quote : quotes) {
      QuotedLog quoted = get(quote);
      assertThat(quoted.quote().values().get(RTMR2)).isEqualTo(replayed(RTMR2, quoted.position()));
    }
  }

  @Test
  void givenNothingThatSigns_whenQuoted_thenNotSupported() {
    backend.signing = false;

    assertThat(refusal()).isEqualTo(Reason.NOT_SUPPORTED);
  }

  @Test
  void givenADeviceThatRefuses_whenQuoted_thenRefusedWithItsReason() {
    backend.failure =
        new BackendException(null, BackendException.Outcome.NOT_EXECUTED, "quote", "no key", null);

    QuoteException refused =
        catchThrowableOfType(QuoteException.class, () -> get(log.quote(REQUEST)));

    assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
    assertThat(refused).hasMessageContaining("no key");
  }

  @Test
  void givenADeviceThatDoesNotAnswer_whenQuoted_thenUnavailable() {
    backend.failure =
        new BackendException(null, BackendException.Outcome.UNKNOWN, "quote", "timeout", null);

    assertThat(refusal()).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void givenAnOpenExtend_whenQuoted_thenUnavailableUntilItIsDecided() throws Exception {
    emulator.inject(Fault.parse("on extend 1: lose-reply"));
    emulator.inject(Fault.parse("on read 1..1000: lose-command"));
    CompletableFuture<Receipt> open = log.extend(event(RTMR2, "open"));
    assertThat(open).failsWithin(20, TimeUnit.SECONDS);

    assertThat(refusal()).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void givenSomebodyElseExtendedOurRegister_whenQuoted_thenTheLogAdmitsItAndAgrees()
      throws Exception {
    get(log.extend(event(RTMR2, "ours")));
    backend.foreign = MeasuredLogFixture.foreign();

    QuotedLog quoted = get(log.quote(REQUEST));

    assertThat(quoted.position()).isEqualTo(2);
    assertThat(quoted.quote().values().get(RTMR2)).isEqualTo(replayed(RTMR2, 2));
    assertThat(log.status().states()).containsEntry(RTMR2, RegisterState.DIVERGED);
  }

  @Test
  void givenADivergedRegisterThatChangesAgain_whenQuoted_thenRefused() throws Exception {
    backend.foreign = MeasuredLogFixture.foreign();
    get(log.quote(REQUEST));
    backend.foreign = MeasuredLogFixture.foreign();

    assertThat(refusal()).isEqualTo(Reason.DIVERGED);
  }

  @Test
  void givenAClosedLog_whenQuoted_thenShuttingDown() {
    log.close();

    assertThat(refusal()).isEqualTo(Reason.SHUTTING_DOWN);
  }

  /** The emulator, with a quote that is nothing but the values. */
  private static final class SigningBackend implements MeasurementBackend, QuoteSource {
    private final MeasurementBackend registers;
    volatile boolean signing = true;
    volatile @Nullable BackendException failure;
    volatile @Nullable DigestSet foreign;

    SigningBackend(MeasurementBackend registers) {
      this.registers = registers;
    }

    @Override
    public Optional<QuoteSource> quotes() {
      return signing ? Optional.of(this) : Optional.empty();
    }

    @Override
    public String type() {
      return "values";
    }

    @Override
    public Quote quote(QuoteRequest request) throws BackendException {
      BackendException refused = failure;
      if (refused != null) {
        throw refused;
      }
      DigestSet other = foreign;
      if (other != null) {
        foreign = null;
        registers.extend(RTMR2, other);
      }
      Map<RegisterId, DigestSet> values = new TreeMap<>();
      for (RegisterDescriptor register : registers.registers()) {
        values.put(register.id(), registers.read(register.id()));
      }
      return Quote.of("values", Map.of("nonce", request.nonce()), values);
    }

    @Override
    public String name() {
      return registers.name();
    }

    @Override
    public String description() {
      return registers.description();
    }

    @Override
    public List<RegisterDescriptor> registers() {
      return registers.registers();
    }

    @Override
    public RegisterLife life() throws BackendException {
      return registers.life();
    }

    @Override
    public DigestSet read(RegisterId register) throws BackendException {
      return registers.read(register);
    }

    @Override
    public void extend(RegisterId register, DigestSet digests) throws BackendException {
      registers.extend(register, digests);
    }

    @Override
    public void close() throws BackendException {
      registers.close();
    }
  }
}
