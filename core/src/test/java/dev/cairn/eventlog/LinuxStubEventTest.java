package dev.cairn.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel's EFI stub leaves in real logs, with and without a TPM. */
class LinuxStubEventTest {
  /** Returns {@code register recnum KIND} of every event of the stub. */
  private static List<String> found(String log) throws IOException {
    List<String> found = new ArrayList<>();
    try (EventReader reader = EventLogs.open(new ByteArrayInputStream(Vectors.bytes(log)))) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        if (record.content() instanceof PcClientEvent event) {
          RegisterId register = record.register();
          LinuxStubEvent.parse(event).ifPresent(stub -> found.add(register + " " + stub));
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "coco/CCEL_data_ovmf, rtmr2 LOAD_OPTIONS;rtmr2 INITRD",
    "boot/ccel-synthetic/data.CCEL, rtmr2 LOAD_OPTIONS;rtmr2 INITRD",
    "ccel/goel_CCEL_unpadded.data.bin, rtmr2 LOAD_OPTIONS",
    "ccel/goel_cos-113-intel-tdx.bin, ''",
    "boot/ovmf-direct-7.3/binary_bios_measurements, pcr9 LOAD_OPTIONS;pcr9 INITRD",
    "tcg2/tpm2tools_event-sd-boot-fedora37.bin, pcr9 INITRD",
    "tcg2/ibmtss_dell1.log, ''"
  })
  void givenARealLog_whenRead_thenTheEventsOfTheStubAreFound(String log, String events)
      throws IOException {
    assertThat(String.join(";", found(log))).isEqualTo(events);
  }

  @Test
  void givenAnEventOfTheStub_whenEncoded_thenItIsWhatTheKernelWrites() {
    assertThat(LinuxStubEvent.LOAD_OPTIONS.toPcClientEvent().data().toHex())
        .isEqualTo("ed223b8f1a0000004c4f414445445f494d4147453a3a4c6f61644f7074696f6e7300");
    assertThat(LinuxStubEvent.INITRD.toPcClientEvent().data().toHex())
        .isEqualTo("ec223b8f0d0000004c696e757820696e6974726400");
  }

  @Test
  void givenAnotherEvent_whenAskedWhatItIs_thenItIsNone() {
    Bytes initrd = LinuxStubEvent.INITRD.toPcClientEvent().data();
    assertThat(LinuxStubEvent.parse(new PcClientEvent(EventTypes.EV_SEPARATOR, initrd))).isEmpty();
    assertThat(LinuxStubEvent.parse(tagged(initrd.slice(0, initrd.length() - 1)))).isEmpty();
    assertThat(LinuxStubEvent.parse(tagged(Bytes.EMPTY))).isEmpty();
    assertThat(LinuxStubEvent.parse(new AaelEvent("d", "o", "c").toPcClientEvent())).isEmpty();
  }

  private static PcClientEvent tagged(Bytes data) {
    return new PcClientEvent(EventTypes.EV_EVENT_TAG, data);
  }
}
