package dev.cairn.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmulatorReportTest {
  private static final EmulatorReport SMALL =
      new EmulatorReport(
          Bytes.fromHex("c0ffee"),
          new TreeMap<>(
              java.util.Map.of(
                  RegisterId.pcr(14), DigestSet.filled(List.of(HashAlgorithm.SHA1), 0xAB))));

  private static final List<RegisterId.Kind> KINDS = List.of(RegisterId.Kind.values());

  /** Byte for byte what the table in the class comment says. */
  private static final String SMALL_HEX =
      "436169726e2d456d756c61746f720000" // signature
          + "0100" // version
          + "0300c0ffee" // nonce
          + "0100" // one register
          + "000e0000000100" // pcr 14, one bank
          + "0400"
          + "ab".repeat(20);

  @Test
  void whenEncoded_thenTheBytesAreThoseOfTheTable() throws Exception {
    assertThat(SMALL.encode().toHex()).isEqualTo(SMALL_HEX);
    assertThat(EmulatorReport.parse(Bytes.fromHex(SMALL_HEX))).isEqualTo(SMALL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 00         | offset 0: no report of the emulator",
        "16 | 0200       | offset 16: version 2, needs 1",
        "18 | 4100       | offset 18: nonce 65, needs 0 to 64",
        "23 | 0000       | offset 23: count of registers 0",
        "23 | ffff       | offset 23: count of registers 65535",
        "23 | 0200       | offset 54: register needs 5 bytes, 0 are left",
        "25 | 03         | offset 25: kind of register 3",
        "30 | 0000       | offset 30: count of banks 0",
        "30 | 1100       | offset 30: count of banks 17",
        "30 | 0200       | offset 54: bank needs 2 bytes, 0 are left",
        "32 | 9999       | offset 32: algorithm 0x9999",
        "32 | 0b00       | offset 34: sha256 value needs 32 bytes, 20 are left",
      })
  void whenAFieldIsWrong_thenOffsetAndReasonAreNamed(int at, String hex, String message) {
    Bytes patch = Bytes.fromHex(hex);
    byte[] bytes = SMALL.encode().toArray();
    patch.copyTo(bytes, at);

    assertThatThrownBy(() -> EmulatorReport.parse(Bytes.owning(bytes)))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining("report: " + message);
  }

  @Test
  void whenSomethingFollows_thenItIsRefused() {
    assertThatThrownBy(() -> EmulatorReport.parse(Bytes.fromHex(SMALL_HEX + "00")))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining("offset 54: 1 bytes after the last register");
  }

  @SeededTest
  void whenEncodedAndParsed_thenItIsTheSame(long seed) throws Exception {
    EmulatorReport report = random(new Random(seed));

    assertThat(EmulatorReport.parse(report.encode())).isEqualTo(report);
  }

  @SeededTest
  void whenDamaged_thenItIsRefusedOrReadAsWhatItSays(long seed) throws Exception {
    Bytes damaged = Bytes.owning(Hostile.mutate(random(new Random(seed)).encode().toArray(), seed));

    EmulatorReport read;
    try {
      read = EmulatorReport.parse(damaged);
    } catch (MalformedEvidenceException refused) {
      assertThat(refused).hasMessageStartingWith("report: offset ");
      return;
    }
    assertThat(read.encode()).isEqualTo(damaged);
  }

  private static EmulatorReport random(Random random) {
    SortedMap<RegisterId, DigestSet> values = new TreeMap<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      List<Digest> digests = new ArrayList<>();
      for (HashAlgorithm bank : HashAlgorithm.values()) {
        byte[] value = new byte[bank.sizeBytes()];
        random.nextBytes(value);
        if (digests.isEmpty() || random.nextBoolean()) {
          digests.add(new Digest(bank, Bytes.owning(value)));
        }
      }
      RegisterId.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
      long index = random.nextBoolean() ? random.nextInt(24) : random.nextLong() & 0xFFFF_FFFFL;
      values.put(new RegisterId(kind, index), DigestSet.of(digests));
    }
    byte[] nonce = new byte[random.nextInt(65)];
    random.nextBytes(nonce);
    return new EmulatorReport(Bytes.owning(nonce), values);
  }
}
