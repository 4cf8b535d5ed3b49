package dev.cairn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TailScanTest {
  private static final RegisterId A = RegisterId.rtmr(2);
  private static final RegisterId B = RegisterId.rtmr(3);
  private static final long START = 100;

  /** The value "n extends after the start" of a register, as any distinct bytes. */
  private static DigestSet value(RegisterId register, int n) {
    byte[] bytes = new byte[48];
    bytes[0] = (byte) register.index();
    bytes[1] = (byte) n;
    return DigestSet.of(new Digest(HashAlgorithm.SHA384, Bytes.owning(bytes)));
  }

  private static final DigestSet FOREIGN = value(RegisterId.MRTD, 99);

  private static TailScan.Outcome scan(List<RegisterId> tail, DigestSet a, DigestSet b) {
    return scan(tail, a, b, START);
  }

  private static TailScan.Outcome scan(
      List<RegisterId> tail, DigestSet a, DigestSet b, long atLeast) {
    Map<RegisterId, DigestSet> replayed = Map.of(A, value(A, 0), B, value(B, 0));
    TailScan scan = new TailScan(START, replayed, Map.of(A, a, B, b));
    Map<RegisterId, Integer> counts = new HashMap<>();
    for (RegisterId register : tail) {
      scan.next(register, value(register, counts.merge(register, 1, Integer::sum)));
    }
    return scan.finish(atLeast);
  }

  @Test
  void whenNothingFollows_thenNothingIsCutAndAllIsExplained() {
    assertThat(scan(List.of(), value(A, 0), value(B, 0)))
        .isEqualTo(new TailScan.Outcome(START, START, java.util.Set.of()));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void whenAPrefixOfARandomTailWasExtended_thenExactlyThatPrefixIsFound(long seed) {
    Random random = new Random(seed);
    List<RegisterId> tail = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      tail.add(random.nextBoolean() ? A : B);
    }
    for (int executed = 0; executed <= tail.size(); executed++) {
      int a = (int) tail.subList(0, executed).stream().filter(A::equals).count();

      TailScan.Outcome outcome = scan(tail, value(A, a), value(B, executed - a));

      assertThat(outcome.cut()).as("seed %d", seed).isEqualTo(START + executed);
      assertThat(outcome.unexplained()).isEmpty();
    }
  }

  @Nested
  class GivenOneRegisterThatSomebodyElseExtended {
    @Test
    void whenItHasNoRecords_thenItAloneIsUnexplained() {
      TailScan.Outcome outcome = scan(List.of(B, B), FOREIGN, value(B, 1));

      assertThat(outcome.cut()).isEqualTo(START + 1);
      assertThat(outcome.unexplained()).containsExactly(A);
    }

    @Test
    void whenTheDeviceHasConfirmedItsRecord_thenThatRecordStays() {
      TailScan.Outcome outcome = scan(List.of(A, A), FOREIGN, value(B, 0), START + 1);

      assertThat(outcome.cut()).isEqualTo(START + 1);
      assertThat(outcome.unexplained()).containsExactly(A);
    }
  }

  @Test
  void whenARegisterLacksARecordThatALaterOneProvesSent_thenItIsUnexplained() {
    TailScan.Outcome outcome = scan(List.of(A, B), value(A, 0), value(B, 1));

    assertThat(outcome.cut()).isEqualTo(START + 2);
    assertThat(outcome.unexplained()).containsExactly(A);
  }
}
