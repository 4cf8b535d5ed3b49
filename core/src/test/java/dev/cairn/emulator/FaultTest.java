package dev.cairn.emulator;

import static dev.cairn.emulator.FaultTrigger.onEveryExtend;
import static dev.cairn.emulator.FaultTrigger.onExtend;
import static dev.cairn.emulator.FaultTrigger.onExtends;
import static dev.cairn.emulator.FaultTrigger.onRead;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultTest {
  private static final RegisterId RTMR2 = RegisterId.rtmr(2);
  private static final RegisterId RTMR3 = RegisterId.rtmr(3);
  private static final List<HashAlgorithm> BANKS = EmulatorProfile.TDX.banks();
  private static final DigestSet ZERO = DigestSet.filled(BANKS, 0);
  private static final DigestSet OURS = DigestSet.filled(BANKS, 1);
  private static final DigestSet THEIRS = DigestSet.filled(BANKS, 2);

  @TempDir Path directory;
  private EmulatorBackend emulator;

  @BeforeEach
  void open() throws Exception {
    emulator = EmulatorBackend.open(EmulatorProfile.TDX, directory.resolve("registers"));
  }

  @AfterEach
  void close() throws Exception {
    assertThat(emulator.unusedFaults()).isEmpty();
    emulator.close();
  }

  @Test
  void whenRefused_thenNotExecutedAndUnchanged() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.refuse()));

    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(emulator.read(RTMR2)).isEqualTo(ZERO);
    assertThat(emulator.extendsApplied(RTMR2)).isZero();
  }

  @Test
  void whenTheCommandIsLost_thenUnknownAndUnchanged() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.loseCommand()));

    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.UNKNOWN);
    assertThat(emulator.read(RTMR2)).isEqualTo(ZERO);
    assertThat(emulator.extendsApplied(RTMR2)).isZero();
  }

  @Test
  void whenTheReplyIsLost_thenUnknownAndExtended() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.loseReply()));

    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.UNKNOWN);
    assertThat(emulator.read(RTMR2)).isEqualTo(replay(OURS));
    assertThat(emulator.extendsApplied(RTMR2)).isEqualTo(1);
  }

  @Test
  void whenSomebodyExtendsBefore_thenTheirsComesFirst() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.foreignExtendBefore(THEIRS)));

    emulator.extend(RTMR2, OURS);

    assertThat(emulator.read(RTMR2)).isEqualTo(replay(THEIRS, OURS));
    assertThat(emulator.extendsApplied(RTMR2)).isEqualTo(1);
  }

  @Test
  void whenSomebodyExtendsAfter_thenOursComesFirst() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.foreignExtendAfter(THEIRS)));

    emulator.extend(RTMR2, OURS);

    assertThat(emulator.read(RTMR2)).isEqualTo(replay(OURS, THEIRS));
  }

  @Test
  void whenForeignDigestsAreRandom_thenTheSeedDecidesAndEachIsAnother() throws Exception {
    Fault random = onExtends(1, 2).of(RTMR2).then(FaultAction.randomForeignExtendBefore(5));
    emulator.inject(random);
    emulator.inject(onExtends(1, 2).of(RTMR3).then(random.action()));

    for (RegisterId register : List.of(RTMR2, RTMR3)) {
      emulator.extend(register, OURS);
      emulator.extend(register, OURS);
    }

    assertThat(emulator.read(RTMR2)).isEqualTo(emulator.read(RTMR3));
    assertThat(emulator.read(RTMR2)).isNotEqualTo(replay(OURS, OURS));
  }

  @Test
  void whenOneRegisterIsReset_thenTheOthersStay() throws Exception {
    emulator.extend(RTMR3, OURS);
    emulator.extend(RTMR2, OURS);
    emulator.inject(onExtend(1).then(FaultAction.reset(RTMR3)));

    emulator.extend(RTMR2, OURS);

    assertThat(emulator.read(RTMR2)).isEqualTo(replay(OURS, OURS));
    assertThat(emulator.read(RTMR3)).isEqualTo(ZERO);
  }

  @Test
  void whenAllRegistersAreReset_thenTheCallStartsFromTheResetValue() throws Exception {
    emulator.extend(RTMR3, OURS);
    emulator.extend(RTMR2, OURS);
    emulator.inject(onExtend(1).then(FaultAction.resetAll()));

    emulator.extend(RTMR2, OURS);

    assertThat(emulator.read(RTMR2)).isEqualTo(replay(OURS));
    assertThat(emulator.read(RTMR3)).isEqualTo(ZERO);
  }

  @Test
  void whenDelayed_thenTheCallTakesAtLeastThatLong() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.delay(Duration.ofMillis(30))));
    long start = System.nanoTime();

    emulator.extend(RTMR2, OURS);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(30));
    assertThat(emulator.read(RTMR2)).isEqualTo(replay(OURS));
  }

  @Test
  void whenAReadFails_thenUnknownAndTheNextSucceeds() throws Exception {
    emulator.inject(onRead(1).of(RTMR2).then(FaultAction.loseReply()));

    assertThat(emulator.read(RTMR3)).isEqualTo(ZERO);
    assertThat(failure(() -> emulator.read(RTMR2))).isEqualTo(Outcome.UNKNOWN);
    assertThat(emulator.read(RTMR2)).isEqualTo(ZERO);
  }

  @Test
  void whenSomebodyExtendsBeforeARead_thenItShows() throws Exception {
    emulator.inject(onRead(1).of(RTMR2).then(FaultAction.foreignExtendBefore(THEIRS)));

    assertThat(emulator.read(RTMR2)).isEqualTo(replay(THEIRS));
  }

  @Test
  void whenSeveralHappenAtOnce_thenEffectsComeFirstAndTheFailureLast() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.loseReply()));
    emulator.inject(onExtend(1).then(FaultAction.foreignExtendBefore(THEIRS)));
    emulator.inject(onExtend(1).then(FaultAction.foreignExtendAfter(THEIRS)));

    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.UNKNOWN);
    assertThat(emulator.read(RTMR2)).isEqualTo(replay(THEIRS, OURS, THEIRS));
  }

  @Test
  void whenARangeIsGiven_thenItHappensAtThoseOnly() {
    emulator.inject(onExtends(2, 4).then(FaultAction.refuse()));

    assertThat(refusedOf(6)).containsExactly(2L, 3L, 4L);
  }

  @Test
  void whenEveryThirdIsGiven_thenItHappensAtThose() {
    emulator.inject(onEveryExtend(3).then(FaultAction.refuse()));

    assertThat(refusedOf(7)).containsExactly(3L, 6L);
  }

  @Test
  void whenInjectedLater_thenCallsCountFromThen() throws Exception {
    emulator.extend(RTMR2, OURS);
    emulator.inject(onExtend(1).then(FaultAction.refuse()));

    assertThat(refusedOf(2)).containsExactly(1L);
  }

  @Test
  void whenACallIsRefusedAnyway_thenItDoesNotCount() throws Exception {
    emulator.inject(onExtend(1).then(FaultAction.loseReply()));

    assertThat(failure(() -> emulator.extend(RegisterId.MRTD, OURS)))
        .isEqualTo(Outcome.NOT_EXECUTED);
    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void whenAFaultHasNotHappened_thenItIsNamed() throws Exception {
    Fault second = onExtend(2).of(RTMR2).then(FaultAction.refuse());
    emulator.inject(second);
    emulator.extend(RTMR2, OURS);

    assertThat(emulator.unusedFaults()).containsExactly(second);
    assertThat(failure(() -> emulator.extend(RTMR2, OURS))).isEqualTo(Outcome.NOT_EXECUTED);
  }

  @Test
  void whenTheProfileCannotHaveIt_thenItIsRefused() {
    assertThatThrownBy(
            () -> emulator.inject(onExtend(1).of(RegisterId.pcr(1)).then(FaultAction.refuse())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("profile tdx has no pcr1");
  }

  private LongStream calls(int count, LongPredicate only) {
    return LongStream.rangeClosed(1, count).filter(only);
  }

  private List<Long> refusedOf(int count) {
    return calls(
            count,
            call ->
                catchThrowableOfType(BackendException.class, () -> emulator.extend(RTMR2, OURS))
                    != null)
        .boxed()
        .toList();
  }

  private static Outcome failure(ThrowingCallable call) {
    return catchThrowableOfType(BackendException.class, call).outcome();
  }

  private static DigestSet replay(DigestSet... extends_) {
    Hasher hasher = new Hasher();
    DigestSet value = ZERO;
    for (DigestSet digests : extends_) {
      value = hasher.extend(value, digests);
    }
    return value;
  }
}
