package dev.cairn.service;

import static dev.cairn.service.MeasuredLogFixture.event;
import static dev.cairn.service.MeasuredLogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.emulator.Fault;
import dev.cairn.emulator.RebootKind;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.foreign.FakeLog;
import dev.cairn.foreign.StartOrigins;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.RecordJudge;
import dev.cairn.replay.RecordVerdict;
import dev.cairn.service.SharedBackend.Foreign;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import dev.cairn.testing.SeededTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else extends registers of ours, too. */
class ForeignExtendTest {
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static final RegisterId PCR15 = RegisterId.pcr(15);

  @TempDir Path directory;
  private final FakeLog systemd = FakeLog.systemd();
  private final Hasher hasher = new Hasher();
  private Set<RegisterId> notOurs = Set.of();
  private MeasuredLogOptions options = MeasuredLogOptions.DEFAULT;
  private EmulatorBackend emulator;
  private SharedBackend backend;
  private MeasuredLog log;

  @BeforeEach
  void start() throws Exception {
    emulator = openEmulator();
    backend = new SharedBackend(emulator, systemd, notOurs);
    log =
        MeasuredLog.open(
            LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT), backend, options);
  }

  private EmulatorBackend openEmulator() throws Exception {
    return EmulatorBackend.open(EmulatorProfile.TPM, directory.resolve("registers"));
  }

  @AfterEach
  void stop() {
    log.close();
  }

  private void whileDown(String... texts) throws Exception {
    stop();
    try (SharedBackend other = new SharedBackend(openEmulator(), systemd, Set.of())) {
      for (String text : texts) {
        other.foreign(PCR15, text);
      }
    }
    start();
  }

  private Receipt extend(String content) throws Exception {
    return get(log.extend(event(PCR15, content)));
  }

  private ExtendException.Reason refusal(String content) {
    return catchThrowableOfType(ExtendException.class, () -> extend(content)).reason();
  }

  /** Sends all at once, so that they share a batch behind the first. */
  private List<Receipt> together(@Nullable String key, RegisterId... registers) throws Exception {
    emulator.inject(Fault.parse("on extend 1: delay 5ms"));
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    for (int i = 0; i < registers.length; i++) {
      futures.add(log.extend(event(registers[i], "ours " + i, key == null ? null : key + i)));
    }
    List<Receipt> receipts = new ArrayList<>();
    for (CompletableFuture<Receipt> future : futures) {
      receipts.add(get(future));
    }
    return receipts;
  }

  private static Foreign logged(RegisterId register, String text) {
    return new Foreign(register, text, true);
  }

  private RegisterStatus status(RegisterId register) throws Exception {
    return get(log.registers()).stream()
        .filter(status -> status.descriptor().id().equals(register))
        .findFirst()
        .orElseThrow();
  }

  private List<EventRecord> records() throws Exception {
    List<EventRecord> records = new ArrayList<>();
    try (LogSnapshot snapshot = log.snapshot();
        EventReader reader = snapshot.read(0)) {
      for (EventRecord r = reader.next(); r != null; r = reader.next()) {
        records.add(r);
      }
    }
    return records;
  }

  /** Returns what the log says was extended: ours as they are, theirs with an asterisk. */
  private List<String> story(RegisterId register) throws Exception {
    List<String> story = new ArrayList<>();
    for (EventRecord record : records()) {
      if (record.register().equals(register) && record.content() instanceof PcClientEvent event) {
        Optional<ForeignEvent> foreign = ForeignEvent.parse(event);
        if (foreign.isPresent()) {
          SystemdEvent measured = (SystemdEvent) foreign.get().content().orElseThrow();
          story.add("*" + new String(measured.text().toArray(), StandardCharsets.UTF_8));
        } else {
          story.add(AaelEvent.parse(event).map(AaelEvent::content).orElse("?"));
        }
      }
    }
    return story;
  }

  /** Replays the log without any code of the service. */
  private void assertTheLogReplaysToTheRegister(RegisterId register) throws Exception {
    DigestSet value = DigestSet.filled(EmulatorProfile.TPM.banks(), 0);
    long recnum = 0;
    for (EventRecord record : records()) {
      if (record.register().equals(register)) {
        assertThat(record.recnum()).isEqualTo(recnum++);
        if (record.content().measured()) {
          value = hasher.extend(value, record.digests());
        }
      }
    }
    assertThat(emulator.read(register)).isEqualTo(value);
  }

  private void assertReceiptsAreOfTheirRecords(List<Receipt> receipts) throws Exception {
    List<EventRecord> records = records();
    for (Receipt receipt : receipts) {
      EventRecord record = records.get((int) receipt.position());
      assertThat(record.recnum()).isEqualTo(receipt.recnum());
      assertThat(record.register()).isEqualTo(receipt.register());
      assertThat(record.digests()).isEqualTo(receipt.digests());
      try (LogSnapshot snapshot = log.snapshot()) {
        assertThat(snapshot.valuesBefore(receipt.position() + 1).get(receipt.register()))
            .isEqualTo(receipt.value());
      }
    }
  }

  @Nested
  class GivenNothingInFlight {
    @Test
    void whenRegistersAreLookedAt_thenTheirRecordIsTakenOver() throws Exception {
      extend("ours");
      backend.foreign(PCR15, "theirs");

      RegisterStatus status = status(PCR15);

      assertThat(status.state()).isEqualTo(RegisterState.OK);
      assertThat(status.replayed()).isEqualTo(status.value());
      assertThat(story(PCR15)).containsExactly("ours", "*theirs");
      assertThat(log.status().foreignRecords()).isEqualTo(1);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenItIsTakenOver_thenTheRecordNamesItsKeeperAndItsDigestsAreReproduced()
        throws Exception {
      backend.foreign(PCR14, "of another register");
      backend.foreign(PCR15, "first");
      backend.foreign(PCR15, "second");
      status(PCR15);

      EventRecord record = records().get(records().size() - 1);
      ForeignEvent event = ForeignEvent.parse((PcClientEvent) record.content()).orElseThrow();

      assertThat(event.keeper()).isEqualTo(Origin.SYSTEMD);
      assertThat(event.place()).isEqualTo(1);
      assertThat(record.digests()).isEqualTo(backend.digests(PCR15, "second"));
      assertThat(new RecordJudge().judge(record).outcome())
          .isEqualTo(RecordVerdict.Outcome.REPRODUCED);
    }

    @Test
    void whenEventsFollow_thenTheyGoOnBehindIt() throws Exception {
      extend("one");
      backend.foreign(PCR15, "theirs");

      Receipt receipt = extend("two");

      assertThat(story(PCR15)).containsExactly("one", "*theirs", "two");
      assertThat(receipt.recnum()).isEqualTo(2);
      assertReceiptsAreOfTheirRecords(List.of(receipt));
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenAQuoteShowsIt_thenItIsOfTheLogThatHasTheirRecord() throws Exception {
      extend("ours");
      backend.foreign(PCR15, "theirs");

      QuotedLog quoted = get(log.quote(QuoteRequest.of(Bytes.fromHex("01"))));

      assertThat(quoted.position()).isEqualTo(2);
      assertThat(emulator.read(PCR15)).containsAll(quoted.quote().values().get(PCR15));
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenNoLogHasIt_thenTheRegisterDivergesAndTheReasonSaysWhatWasLookedAt() throws Exception {
      extend("ours");
      backend.foreign(PCR15, "known");
      emulator.extend(PCR15, backend.digests(PCR15, "secret"));

      RegisterStatus status = status(PCR15);

      assertThat(status.state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(status.reason().orElseThrow())
          .contains("changed by somebody else")
          .contains("systemd log /fake/systemd has 1 further record of pcr15");
      assertThat(log.status().foreignRecords()).isZero();
    }

    @Test
    void whenTheLogLacksABank_thenTheRegisterDiverges() throws Exception {
      DigestSet digests = backend.digests(PCR15, "x");
      emulator.extend(PCR15, digests);
      systemd.add(PCR15, "x", DigestSet.of(digests.at(1), digests.at(2)));

      RegisterStatus status = status(PCR15);

      assertThat(status.state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(status.reason().orElseThrow()).contains("no sha1 digest in record 0 of pcr15");
    }

    @Test
    void whenPolicySaysContinue_thenAnUnexplainedValueDoesNotHideLaterRecords() throws Exception {
      options = new MeasuredLogOptions(64, 64, 64, 1024, MeasuredLogOptions.OnDivergence.CONTINUE);
      stop();
      start();
      emulator.extend(PCR15, backend.digests(PCR15, "secret"));
      status(PCR15);
      backend.foreign(PCR15, "theirs");

      assertThat(extend("ours").recnum()).isEqualTo(2);
      assertThat(story(PCR15)).containsExactly("?", "*theirs", "ours");
    }

    @Test
    void whenAClientSendsAnEventWithTheirTag_thenItIsRefused() {
      PcClientEvent forged =
          ForeignEvent.of(Origin.SYSTEMD, 0, new SystemdEvent(FakeLog.text("x")), 1000)
              .toPcClientEvent();
      ExtendRequest request = new ExtendRequest(PCR15, forged, Optional.empty(), Optional.empty());

      assertThat(
              catchThrowableOfType(ExtendException.class, () -> get(log.extend(request))).reason())
          .isEqualTo(ExtendException.Reason.BAD_EVENT);
    }
  }

  @Nested
  class GivenABatchInFlight {
    @Test
    void whenTheirsComesBeforeOurs_thenTheTailIsRewrittenInTheRealOrder() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "theirs"));

      List<Receipt> receipts = together(null, PCR15, PCR15, PCR15);

      assertThat(story(PCR15)).containsExactly("ours 0", "*theirs", "ours 1", "ours 2");
      assertThat(receipts).extracting(Receipt::recnum).containsExactly(0L, 2L, 3L);
      assertReceiptsAreOfTheirRecords(receipts);
      assertTheLogReplaysToTheRegister(PCR15);
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
    }

    @Test
    void whenTheirsComeBetweenOursOnTwoRegisters_thenBothAreInOrder() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "a"), logged(PCR14, "b"));
      backend.foreignBefore(4, logged(PCR15, "c"));

      List<Receipt> receipts = together(null, PCR15, PCR14, PCR15, PCR15, PCR14);

      assertThat(story(PCR15)).containsExactly("ours 0", "*a", "ours 2", "*c", "ours 3");
      assertThat(story(PCR14)).containsExactly("*b", "ours 1", "ours 4");
      assertReceiptsAreOfTheirRecords(receipts);
      assertTheLogReplaysToTheRegister(PCR14);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenOneRegisterIsExplainedAndTheOtherNot_thenEachGetsItsState() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "a"), new Foreign(PCR14, "secret", false));
      emulator.inject(Fault.parse("on extend 1: delay 30ms"));
      List<CompletableFuture<Receipt>> answers = new ArrayList<>();
      for (RegisterId register : List.of(PCR15, PCR15, PCR14, PCR15)) {
        answers.add(log.extend(event(register, "x")));
      }

      assertThat(get(answers.get(1)).recnum()).isEqualTo(2);
      assertThat(get(answers.get(3)).recnum()).isEqualTo(3);
      assertThat(catchThrowableOfType(ExtendException.class, () -> get(answers.get(2))).reason())
          .isEqualTo(ExtendException.Reason.REGISTER_DIVERGED);
      assertThat(status(PCR14).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenTheReplyOfOursIsLostToo_thenEveryExtendIsThereOnce() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "theirs"));
      emulator.inject(Fault.parse("on extend of pcr15 3: lose-reply")); // ours 1: theirs counts

      List<Receipt> receipts = together(null, PCR15, PCR15, PCR15);

      assertThat(story(PCR15)).containsExactly("ours 0", "*theirs", "ours 1", "ours 2");
      assertReceiptsAreOfTheirRecords(receipts);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenOursDidNotHappen_thenItIsSentAgainBehindTheirs() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "theirs"));
      emulator.inject(Fault.parse("on extend of pcr15 3: lose-command"));

      together(null, PCR15, PCR15, PCR15);

      assertThat(story(PCR15)).containsExactly("ours 0", "*theirs", "ours 1", "ours 2");
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenTheyExtendTheSameDigest_thenTheLogHasItTwice() throws Exception {
      DigestSet ours =
          hasher.hash(
              EmulatorProfile.TPM.banks(),
              new AaelEvent("test", "op", "same").toPcClientEvent().data());
      emulator.inject(Fault.parse("on extend 1: delay 30ms"));
      CompletableFuture<Receipt> first = log.extend(event(PCR15, "first"));
      CompletableFuture<Receipt> answer = log.extend(event(PCR15, "same"));
      get(first);
      get(answer);
      emulator.extend(PCR15, ours);
      systemd.add(PCR15, "same", ours);

      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      assertThat(story(PCR15)).containsExactly("first", "same", "*same");
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenTheDeviceDoesNotAnswerForAWhile_thenItIsSettledAfterwards() throws Exception {
      extend("before");
      backend.foreignBefore(1, logged(PCR15, "theirs"));
      emulator.inject(Fault.parse("on extend of pcr15 2: lose-reply"));
      emulator.inject(Fault.parse("on read 1..6: lose-command"));

      assertThat(refusal("open")).isEqualTo(ExtendException.Reason.REGISTER_FAILED);
      while (status(PCR15).state() == RegisterState.FAILED) {
        Thread.onSpinWait();
      }

      assertThat(story(PCR15)).containsExactly("before", "*theirs", "open");
      assertThat(extend("after").recnum()).isEqualTo(3);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenTheTailCannotBeRewritten_thenTheRegisterDivergesAndTheLogWorksOn() throws Exception {
      Path inTheWay =
          directory.resolve("state/epochs").resolve(log.status().epoch()).resolve("tail.new");
      Files.createDirectories(inTheWay.resolve("x"));
      backend.foreignBefore(2, logged(PCR15, "theirs"));
      emulator.inject(Fault.parse("on extend 1: delay 5ms"));
      CompletableFuture<Receipt> first = log.extend(event(PCR14, "first"));
      CompletableFuture<Receipt> second = log.extend(event(PCR15, "second"));

      assertThat(catchThrowableOfType(ExtendException.class, () -> get(second)).reason())
          .isEqualTo(ExtendException.Reason.REGISTER_DIVERGED);
      assertThat(get(first).recnum()).isZero();
      assertThat(status(PCR15).reason().orElseThrow()).contains("explained, but not logged");
      assertThat(get(log.extend(event(PCR14, "other"))).recnum()).isEqualTo(1);
    }

    @Test
    void whenEventsHadKeys_thenARetryGetsItsReceiptAlsoAfterARestart() throws Exception {
      backend.foreignBefore(2, logged(PCR15, "theirs"));
      List<Receipt> receipts = together("key", PCR15, PCR15, PCR15);

      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < receipts.size(); i++) {
          Receipt again = get(log.extend(event(PCR15, "ours " + i, "key" + i)));
          assertThat(again.repeated()).isTrue();
          assertThat(again.position()).isEqualTo(receipts.get(i).position());
          assertThat(again.value()).isEqualTo(receipts.get(i).value());
        }
        stop();
        start();
      }
      assertThat(story(PCR15)).hasSize(4);
    }
  }

  @Nested
  class GivenThatItHappensWhileCairnIsDown {
    @Test
    void whenStarting_thenTheirRecordsAreTakenOver() throws Exception {
      extend("ours");
      String[] theirs =
          Stream.iterate(0, i -> i + 1).limit(40).map(i -> "t" + i).toArray(String[]::new);

      whileDown(theirs);

      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      assertThat(story(PCR15)).hasSize(41).startsWith("ours", "*t0").endsWith("*t39");
      assertThat(log.status().foreignRecords()).isEqualTo(40);
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenItHappensAgainAndAgain_thenOnlyTheNewOnesAreTaken() throws Exception {
      whileDown("a", "b");
      backend.foreign(PCR15, "c");
      status(PCR15);
      whileDown("d");
      extend("ours");
      whileDown();

      assertThat(story(PCR15)).containsExactly("*a", "*b", "*c", "*d", "ours");
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenNoLogHasIt_thenTheRegisterDiverges() throws Exception {
      stop();
      try (EmulatorBackend other = openEmulator()) {
        other.extend(PCR15, backend.digests(PCR15, "secret"));
      }
      start();

      assertThat(status(PCR15).state()).isEqualTo(RegisterState.DIVERGED);
      assertThat(status(PCR15).reason().orElseThrow()).contains("has no further record of pcr15");
    }

    @Test
    void whenOursWereInFlight_thenTheEndOfTheLogIsRewritten() throws Exception {
      stop();
      byte[] fresh = Files.readAllBytes(directory.resolve("registers"));
      start();
      List<DigestSet> ours = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ours.add(get(log.extend(event(PCR15, "ours " + i, "key " + i))).digests());
      }
      stop();
      Files.write(directory.resolve("registers"), fresh); // in truth it went like this:
      try (SharedBackend truth = new SharedBackend(openEmulator(), systemd, Set.of())) {
        truth.extend(PCR15, ours.get(0));
        truth.foreign(PCR15, "a");
        truth.extend(PCR15, ours.get(1));
        truth.foreign(PCR15, "b");
        truth.extend(PCR15, ours.get(2));
      }
      delete(".idx");
      delete(".ckp"); // nothing was committed
      start();

      assertThat(story(PCR15)).containsExactly("ours 0", "*a", "ours 1", "*b", "ours 2");
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      Receipt again = get(log.extend(event(PCR15, "ours 2", "key 2")));
      assertThat(again.repeated()).isTrue();
      assertThat(again.position()).isEqualTo(4);
      assertThat(get(log.extend(event(PCR15, "ours 3", "key 3"))).repeated()).isFalse();
      assertTheLogReplaysToTheRegister(PCR15);
    }

    private void delete(String suffix) throws Exception {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.filter(path -> path.toString().endsWith(suffix)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Nested
  class GivenRegistersThatBelongedToOthers {
    @Test
    void whenAnEpochBegins_thenTheFirstValueIsExplained() throws Exception {
      stop();
      EmulatorBackend.reboot(directory.resolve("registers"), RebootKind.COLD);
      try (SharedBackend other = new SharedBackend(openEmulator(), systemd, Set.of())) {
        other.foreign(PCR15, "a");
        other.foreign(PCR15, "b");
        other.extend(PCR14, other.digests(PCR14, "secret"));
      }
      start();

      assertThat(status(PCR15).startValueOrigin()).isEqualTo("systemd log, 2 records");
      assertThat(status(PCR14).startValueOrigin()).isEqualTo(StartOrigins.UNEXPLAINED);
      assertThat(status(RegisterId.pcr(16)).startValueOrigin()).isEqualTo("reset value");
      assertThat(startValues()).containsOnlyKeys(PCR14, PCR15);
      assertThat(extend("ours").recnum()).isEqualTo(1);
      backend.foreign(PCR15, "c");
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
    }

    @Test
    void whenARegisterBecomesOurs_thenItsPartOfTheLogBeginsWithWhatItHolds() throws Exception {
      beginWithout(PCR15);
      backend.foreign(PCR15, "a");
      get(log.extend(event(PCR14, "ours")));
      backend.foreign(PCR15, "b");
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OBSERVED);

      notOurs = Set.of();
      stop();
      start();

      RegisterStatus status = status(PCR15);
      assertThat(status.state()).isEqualTo(RegisterState.OK);
      assertThat(status.startValueOrigin()).isEqualTo("systemd log, 2 records");
      assertThat(startValues().get(PCR15)).isEqualTo(emulator.read(PCR15));
      assertThat(extend("ours").recnum()).isEqualTo(1);
      stop();
      start();
      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      assertThat(startValues()).hasSize(1);
    }

    @Test
    void whenItHoldsItsResetValue_thenNothingHasToBeSaid() throws Exception {
      beginWithout(PCR15);
      notOurs = Set.of();
      stop();
      start();

      assertThat(records()).isEmpty();
      assertThat(extend("ours").recnum()).isZero();
      assertTheLogReplaysToTheRegister(PCR15);
    }

    @Test
    void whenItIsGivenAwayAndTakenAgain_thenTheirsAreTakenOver() throws Exception {
      extend("ours");
      stop();
      notOurs = Set.of(PCR15);
      start();
      backend.foreign(PCR15, "theirs");
      stop();
      notOurs = Set.of();
      start();

      assertThat(status(PCR15).state()).isEqualTo(RegisterState.OK);
      assertThat(story(PCR15)).containsExactly("ours", "*theirs");
    }

    @Test
    void whenAnUnusedRegisterOfOursIsChangedWhileWeAreDown_thenItDiverges() throws Exception {
      stop();
      try (EmulatorBackend other = openEmulator()) {
        other.extend(PCR15, backend.digests(PCR15, "secret"));
      }
      start();

      assertThat(status(PCR15).state()).isEqualTo(RegisterState.DIVERGED);
    }

    private void beginWithout(RegisterId register) throws Exception {
      stop();
      EmulatorBackend.reboot(directory.resolve("registers"), RebootKind.COLD);
      notOurs = Set.of(register);
      start();
    }

    private Map<RegisterId, DigestSet> startValues() throws Exception {
      Map<RegisterId, DigestSet> values = new HashMap<>();
      for (EventRecord record : records()) {
        if (record.content() instanceof PcClientEvent event) {
          StartValueEvent.parse(event)
              .ifPresent(start -> values.put(record.register(), start.value()));
        }
      }
      return values;
    }
  }

  @SeededTest
  void whenWeAndTheyExtendAtRandom_thenTheLogHasEverythingInTheRealOrder(long seed)
      throws Exception {
    Random random = new Random(seed);
    List<RegisterId> registers = List.of(PCR14, PCR15);
    int name = 0;
    int theirs = 0;
    for (int step = 0; step < 6; step++) {
      int dice = random.nextInt(10);
      if (dice < 6) {
        RegisterId[] batch = new RegisterId[1 + random.nextInt(5)];
        for (int i = 0; i < batch.length; i++) {
          batch[i] = registers.get(random.nextInt(2));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
          backend.foreignBefore(
              1 + random.nextInt(batch.length),
              logged(registers.get(random.nextInt(2)), "t" + theirs++));
        }
        assertReceiptsAreOfTheirRecords(together("key" + name++ + "-", batch));
      } else if (dice < 8) {
        backend.foreign(registers.get(random.nextInt(2)), "t" + theirs++);
      } else {
        whileDown("t" + theirs++, "t" + theirs++);
      }
    }

    for (RegisterId register : registers) {
      assertThat(status(register).state()).isEqualTo(RegisterState.OK);
      assertTheLogReplaysToTheRegister(register);
    }
    List<String> stories = new ArrayList<>(story(PCR14));
    stories.addAll(story(PCR15));
    assertThat(stories.stream().filter(text -> text.startsWith("*")).distinct()).hasSize(theirs);
    assertThat(stories.stream().filter(text -> text.startsWith("*"))).hasSize(theirs);
  }
}
