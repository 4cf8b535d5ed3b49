package dev.cairn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckpointPayloadTest {
  private static final Map<RegisterId, LogReplay.Point> POINTS =
      Map.of(
          RegisterId.pcr(23),
          new LogReplay.Point(DigestSet.filled(List.of(HashAlgorithm.values()), 0xA5), 1L << 40, 2),
          RegisterId.rtmr(3),
          new LogReplay.Point(DigestSet.filled(List.of(HashAlgorithm.SHA384), 0), 0, 0));

  @Test
  void whenDecodingWhatWasEncoded_thenItIsTheSame() {
    assertThat(CheckpointPayload.decode(CheckpointPayload.encode(POINTS))).contains(POINTS);
  }

  @Test
  void whenItBreaksOffAnywhere_thenItCountsAsNone() {
    Bytes whole = CheckpointPayload.encode(POINTS);
    for (int length = 0; length < whole.length(); length++) {
      assertThat(CheckpointPayload.decode(whole.slice(0, length))).as("%d", length).isEmpty();
    }
  }
}
