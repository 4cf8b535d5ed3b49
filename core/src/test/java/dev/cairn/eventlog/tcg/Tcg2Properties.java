package dev.cairn.eventlog.tcg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.UnrepresentableRecordException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.Logs;
import dev.cairn.testing.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Tcg2Properties {
  /** Reads only: a damaged log may hold digests that its header does not declare. */
  static final LogCodec READER = LogCodec.of(Tcg2::reader, null);

  private static final LogCodec CODEC =
      LogCodec.of(Tcg2::reader, out -> Tcg2.writer(out, Tcg2Options.DEFAULT));
  private static final int SIZE = 1 << 16;
  private static final String HEADER =
      "0000000003000000"
          + "00".repeat(20)
          + "2100000053706563204944204576656e743033000000000000"
          + "020002010000000b00200000";

  /** A log from {@code seed}, PCRs or CCMRs, beginning with its header. */
  static List<EventRecord> records(long seed) throws IOException {
    Random random = new Random(seed);
    RegisterId.Kind kind = random.nextBoolean() ? RegisterId.Kind.PCR : RegisterId.Kind.CCMR;
    List<HashAlgorithm> banks = new ArrayList<>();
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      if (banks.isEmpty() || random.nextBoolean()) {
        banks.add(algorithm);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventWriter writer = Tcg2.writer(out, Tcg2Options.DEFAULT.withBanks(banks))) {
      for (int i = 0; i < 20; i++) {
        writer.write(record(kind, banks, random));
      }
    }
    return CODEC.read(out.toByteArray());
  }

  private static EventRecord record(
      RegisterId.Kind kind, List<HashAlgorithm> banks, Random random) {
    List<Digest> digests = new ArrayList<>();
    for (HashAlgorithm bank : banks) {
      if (digests.isEmpty() || random.nextInt(10) != 0) {
        digests.add(new Digest(bank, bytes(bank.sizeBytes(), random)));
      }
    }
    PcClientEvent event =
        new PcClientEvent(
            random.nextBoolean() ? random.nextInt(16) : Integer.toUnsignedLong(random.nextInt()),
            bytes(random.nextInt(200), random));
    return new EventRecord(
        0, new RegisterId(kind, random.nextInt(24)), DigestSet.of(digests), event);
  }

  private static Bytes bytes(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.owning(bytes);
  }

  @SeededTest
  void whenWrittenAndRead_thenTheRecordsAreTheSame(long seed) throws IOException {
    CODEC.assertRoundTrip(records(seed));
  }

  @SeededTest
  void whenALogIsDamaged_thenRecordsOrOneReason(long seed) throws IOException {
    READER.assertSafe(Hostile.mutate(CODEC.write(records(seed)), seed));
    READER.assertSafe(Hostile.noise(1000, seed));
  }

  @SeededTest
  void whenADamagedLogIsWrittenAgain_thenWhatIsWrittenIsReadAlike(long seed) throws IOException {
    byte[] damaged = Hostile.mutate(CODEC.write(records(seed)), seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EventWriter writer = Tcg2.writer(out, Tcg2Options.DEFAULT);
    List<EventRecord> written = new ArrayList<>();
    for (EventRecord record :
        Logs.read(READER.reader().apply(new ByteArrayInputStream(damaged))).records()) {
      try {
        writer.write(record);
        written.add(record);
      } catch (UnrepresentableRecordException e) {
        assertThat(e.record()).isSameAs(record);
      }
    }
    writer.close();

    assertThat(withoutNumbers(CODEC.read(out.toByteArray()))).isEqualTo(withoutNumbers(written));
  }

  private static List<EventRecord> withoutNumbers(List<EventRecord> records) {
    return records.stream()
        .map(r -> new EventRecord(0, r.register(), r.digests(), r.unknownDigests(), r.content()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // zeros
        "ff",
        "01000000010000000000000000000000", // the shortest record
        "0100000001000000100000000b00",
        "01000000010000000000000000001000",
        "ffffffff030000000000000000000000",
      })
  void whenAHostileLogHas64KiB_thenReadingItIsCheap(String unit) throws IOException {
    byte[] header = Logs.hex(HEADER);
    byte[] log = Hostile.repeat(Logs.hex(unit.isEmpty() ? "00" : unit), SIZE);
    System.arraycopy(header, 0, log, 0, header.length);

    READER.assertCheap(log);
    READER.assertCheap(Hostile.repeat(Logs.hex(unit.isEmpty() ? "00" : unit), SIZE));
  }
}
