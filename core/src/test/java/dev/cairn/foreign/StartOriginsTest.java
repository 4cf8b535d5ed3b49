package dev.cairn.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventTypes;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.tcg.Tcg2;
import dev.cairn.eventlog.tcg.Tcg2Options;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Json;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartOriginsTest {
  private static final List<HashAlgorithm> BANKS =
      List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA384);
  private static final RegisterId PCR14 = RegisterId.pcr(14);
  private static final RegisterId PCR15 = RegisterId.pcr(15);
  private static final DigestSet ZEROS = DigestSet.filled(BANKS, 0);

  private final Hasher hasher = new Hasher();
  private final FakeLog firmware = new FakeLog(Origin.FIRMWARE, "tcg2");
  private final FakeLog systemd = FakeLog.systemd();
  private final List<EventRecord> records = new ArrayList<>();

  private void measure(RegisterId register, List<HashAlgorithm> banks, String... texts) {
    for (String text : texts) {
      records.add(
          new EventRecord(
              0,
              register,
              hasher.hash(banks, FakeLog.text(text)),
              new PcClientEvent(EventTypes.EV_SEPARATOR, FakeLog.text(text))));
    }
  }

  private void writeFirmware(List<HashAlgorithm> banks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = Tcg2.writer(out, Tcg2Options.DEFAULT.withBanks(banks))) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    firmware.become(out.toByteArray());
  }

  @BeforeEach
  void nothingYet() {
    firmware.become(null);
  }

  private DigestSet after(DigestSet value, String... texts) {
    DigestSet result = value;
    for (String text : texts) {
      result = hasher.extend(result, hasher.hash(BANKS, FakeLog.text(text)));
    }
    return result;
  }

  private String origin(RegisterId register, DigestSet value) {
    return StartOrigins.explain(List.of(systemd, firmware), Map.of(register, value))
        .getOrDefault(register, "no answer");
  }

  @Test
  void whenTheFirmwareLogLeadsThere_thenItIsNamedWithItsRecords() throws IOException {
    measure(PCR14, BANKS, "a", "b", "c", "d");
    measure(PCR15, BANKS, "e");
    writeFirmware(BANKS);

    assertThat(origin(PCR14, after(ZEROS, "a", "b", "c", "d")))
        .isEqualTo("firmware log, 4 records");
    assertThat(origin(PCR15, after(ZEROS, "e"))).isEqualTo("firmware log, 1 record");
  }

  @Test
  void whenSystemdWentOnBehindTheFirmware_thenBothAreNamedInTheirOrder() throws IOException {
    measure(PCR14, BANKS, "a", "b");
    writeFirmware(BANKS);
    systemd.add(PCR14, "c", hasher.hash(BANKS, FakeLog.text("c")));
    systemd.add(PCR14, "later", hasher.hash(BANKS, FakeLog.text("later")));

    assertThat(origin(PCR14, after(ZEROS, "a", "b", "c")))
        .isEqualTo("firmware log, 2 records; systemd log, 1 record");
  }

  @Test
  void whenTheLogLacksABank_thenThatIsSaid() throws IOException {
    List<HashAlgorithm> two = BANKS.subList(0, 2);
    measure(PCR14, two, "a");
    writeFirmware(two);

    assertThat(origin(PCR14, after(ZEROS, "a")))
        .isEqualTo("firmware log, 1 record; unexplained in sha384");
  }

  @Test
  void whenOneBankHoldsSomethingElse_thenThatIsSaidToo() throws IOException {
    measure(PCR14, BANKS, "a");
    writeFirmware(BANKS);
    DigestSet value = after(ZEROS, "a");
    DigestSet other = DigestSet.of(value.at(0), after(value, "x").at(1), value.at(2));

    assertThat(origin(PCR14, other)).isEqualTo("firmware log, 1 record; unexplained in sha256");
  }

  @Test
  void whenNoLogLeadsThere_thenItIsUnexplained() throws IOException {
    measure(PCR14, BANKS, "a");
    writeFirmware(BANKS);

    assertThat(origin(PCR14, after(ZEROS, "x"))).isEqualTo(StartOrigins.UNEXPLAINED);
    assertThat(origin(PCR15, after(ZEROS, "x"))).isEqualTo(StartOrigins.UNEXPLAINED);
  }

  @Test
  void whenALogIsDamagedOrUnreadable_thenTheOthersExplain() throws IOException {
    firmware.become(Bytes.fromHex("0102").toArray());
    systemd.add(PCR14, "c", hasher.hash(BANKS, FakeLog.text("c")));

    assertThat(origin(PCR14, after(ZEROS, "c"))).isEqualTo("systemd log, 1 record");
  }

  @Test
  void whenALogIsBeingWritten_thenItsRecordIsWaitedFor() throws Exception {
    systemd.mark(true);
    Thread writer =
        new Thread(
            () -> {
              while (systemd.opened() == 0) {
                Thread.onSpinWait();
              }
              systemd.add(PCR14, "late", hasher.hash(BANKS, FakeLog.text("late")));
            });
    writer.start();

    assertThat(origin(PCR14, after(ZEROS, "late"))).isEqualTo("systemd log, 1 record");
    writer.join();
  }

  @Test
  void whenARealFirmwareLogIsGiven_thenEveryRegisterOfItIsExplained() {
    FakeLog real = new FakeLog(Origin.FIRMWARE, "tcg2");
    real.become(Vectors.bytes("tcg2/glinux-alex.bin")); // PCR 0 began at locality 3
    Map<String, Object> expected =
        Json.object(Json.parseObject(Vectors.bytes("expected.json")), "tcg2/glinux-alex.bin");
    Map<RegisterId, DigestSet> values = new java.util.TreeMap<>();
    for (HashAlgorithm bank : List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256)) {
      Json.object(expected, bank.bank())
          .forEach(
              (pcr, hex) ->
                  values.merge(
                      RegisterId.pcr(Long.parseLong(pcr)),
                      DigestSet.of(
                          new dev.cairn.measure.Digest(bank, Bytes.fromHex(String.valueOf(hex)))),
                      (a, b) -> DigestSet.of(a.at(0), b.at(0))));
    }

    Map<RegisterId, String> origins = StartOrigins.explain(List.of(real), values);

    assertThat(origins).hasSameSizeAs(values);
    assertThat(origins.values()).allMatch(text -> text.matches("firmware log, [0-9]+ records?"));
  }
}
