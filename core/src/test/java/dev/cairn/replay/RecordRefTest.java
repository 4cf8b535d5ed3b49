package dev.cairn.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.LinuxStubEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import org.junit.jupiter.api.Test;

/** How a record is named to people. */
class RecordRefTest {
  private static RecordRef ref(EventContent content) {
    return RecordRef.of(
        "CCEL", 12, 4711, new EventRecord(5, RegisterId.rtmr(2), DigestSet.EMPTY, content));
  }

  @Test
  void givenAnEventOfTheKernelsStub_whenNamed_thenWhatItMeasuredIsSaid() {
    RecordRef ref = ref(LinuxStubEvent.INITRD.toPcClientEvent());
    assertThat(ref)
        .hasToString(
            "rtmr2 record 5 (CCEL, number 12, offset 4711, EV_EVENT_TAG: initial RAM disk)");
    assertThat(ref.claimedType()).isEqualTo("EV_EVENT_TAG");
    assertThat(ref.claimedSubject()).contains("initial RAM disk");
  }

  @Test
  void givenAnotherTaggedEvent_whenNamed_thenItsTypeIsSaid() {
    assertThat(ref(new AaelEvent("d", "o", "c").toPcClientEvent()))
        .hasToString("rtmr2 record 5 (CCEL, number 12, offset 4711, EV_EVENT_TAG)");
  }
}
