package dev.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ForeignEvent;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.LinuxStubEvent;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordTextTest {
  private static String line(EventContent content) {
    return RecordText.line(new EventRecord(7, SampleLogs.RTMR2, DigestSet.EMPTY, content));
  }

  @Test
  void whenTheEventIsAnAaelEvent_thenItsThreePartsAreShown() {
    assertThat(line(new AaelEvent("example.org", "Run", "a b").toPcClientEvent()).split(" +"))
        .containsExactly("rtmr2", "7", "EV_EVENT_TAG", "example.org", "Run", "a", "b");
  }

  @Test
  void whenTheContentHasControlCharacters_thenTheTerminalDoesNotSeeThem() {
    assertThat(line(new AaelEvent("d", "o", "\u001b[31mred\u202e").toPcClientEvent()))
        .endsWith("d o .[31mred.");
  }

  @Test
  void whenSomebodyElseExtendedIt_thenTheKeeperAndWhatItMeasuredAreShown() {
    EventContent measured = new SystemdEvent(Bytes.fromHex("7265616479"));

    assertThat(line(ForeignEvent.of(Origin.SYSTEMD, 3, measured, 100).toPcClientEvent()))
        .endsWith("of others, SYSTEMD 3: SystemdEvent ready");
    assertThat(line(ForeignEvent.of(Origin.IMA, 4, new ImaTlv(Bytes.EMPTY), 100).toPcClientEvent()))
        .endsWith("of others, IMA 4");
  }

  @Test
  void whenTheKernelsStubHasMeasured_thenWhatItMeasuredIsNamed() {
    assertThat(line(LinuxStubEvent.LOAD_OPTIONS.toPcClientEvent()))
        .endsWith("EV_EVENT_TAG           Linux EFI stub: kernel command line (load options)");
    assertThat(line(LinuxStubEvent.INITRD.toPcClientEvent()))
        .endsWith("EV_EVENT_TAG           Linux EFI stub: initial RAM disk");
  }

  static Stream<EventContent> kinds() {
    Bytes bytes = Bytes.fromHex("6162001b");
    return Stream.of(
        new PcClientEvent(0xABCD, bytes),
        new ImaTemplate("ima-ng", bytes),
        new ImaTlv(bytes),
        new Management.CelVersion(1, 1),
        new SystemdEvent(bytes),
        new OpaqueContent("80", OpaqueContent.Encoding.TLV, bytes));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whenTheContentIsOfAnyKind_thenOneLineSaysWhatItIs(EventContent content) {
    assertThat(line(content)).startsWith("rtmr2").doesNotContain("\n", "\u001b");
  }

  @Test
  void whenKindsAreAdded_thenTheListAboveHasThemToo() {
    assertThat(kinds().map(Object::getClass).map(RecordTextTest::kind).distinct().count())
        .isEqualTo(EventContent.class.getPermittedSubclasses().length);
  }

  private static Class<?> kind(Class<?> type) {
    return Management.class.isAssignableFrom(type) ? Management.class : type;
  }
}
