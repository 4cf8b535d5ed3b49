package dev.cairn.eventlog.ima;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Logs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImaBinaryReaderTest {
  private static final String FILE_DIGEST =
      "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
  private static final String NG_NAME = "06000000696d612d6e67";
  private static final String NG_DATA =
      "37000000" + "28000000" + "7368613235363a00" + FILE_DIGEST + "070000002f62696e2f7800";
  private static final String NG =
      "0a000000" + "af918f5add81ecaf51331f878545907193d7b744" + NG_NAME + NG_DATA;
  private static final String NG_SHA256 =
      "fbb26b30fcf26e201bbdd665b06794f71342506f710a1bbebc5b942df030daef";
  private static final String VIOLATION =
      "0a000000" + "00".repeat(20) + NG_NAME + NG_DATA.replace(FILE_DIGEST, "00".repeat(32));
  private static final String IMA =
      "0a000000"
          + "66cbbfe33756b320323df26965a47e15604256ea"
          + "03000000696d61"
          + "f572d396fae9206628714fb2ce00f72e94f2258f"
          + "06000000"
          + "2f62696e2f78";

  private static Logs read(String... hex) throws IOException {
    return read(Limits.DEFAULT, null, Logs.hex(hex));
  }

  private static Logs read(Limits limits, @Nullable HashAlgorithm bank, byte[] list)
      throws IOException {
    return Logs.read(ImaBinary.reader(new ByteArrayInputStream(list), limits, bank));
  }

  private static void assertBroken(Logs log, int records, long offset, String reason) {
    assertThat(log.records()).hasSize(records);
    assertThat(log.error()).isNotNull().hasMessageContaining(reason);
    assertThat(log.error()).extracting(MalformedLogException::offset).isEqualTo(offset);
  }

  private static ImaTemplate template(EventRecord record) {
    return (ImaTemplate) record.content();
  }

  @Nested
  class GivenTheVectorsOfTheReference {
    @Test
    void whenAnNgRecordIsRead_thenItsTemplateHashesToItsDigest() throws IOException {
      EventRecord record = read(NG).records().get(0);

      assertThat(record.register()).isEqualTo(RegisterId.pcr(10));
      assertThat(template(record).name()).isEqualTo("ima-ng");
      assertThat(ImaBinary.hashInput(template(record)).map(HashAlgorithm.SHA1::hash))
          .contains(record.digests().at(0));
      assertThat(HashAlgorithm.SHA256.hash(template(record).data()).value())
          .isEqualTo(Bytes.fromHex(NG_SHA256));
    }

    @Test
    void whenAViolationIsRead_thenItsZerosAreKept() throws IOException {
      List<EventRecord> records = read(NG, VIOLATION).records();

      assertThat(records).extracting(ImaBinary::isViolation).containsExactly(false, true);
      assertThat(records.get(1).digests().at(0).value().isFilledWith(0)).isTrue();
    }

    @Test
    void whenTheOldTemplateIsRead_thenItsNameIsHashedWithPadding() throws IOException {
      EventRecord record = read(IMA).records().get(0);

      assertThat(template(record).data().length()).isEqualTo(20 + 4 + 6);
      assertThat(ImaBinary.hashInput(template(record)).map(HashAlgorithm.SHA1::hash))
          .contains(record.digests().at(0));
    }
  }

  @Nested
  class GivenNoBank {
    @ParameterizedTest
    @EnumSource
    void whenDigestsAreReproduced_thenTheirAlgorithmIsTheBank(HashAlgorithm bank)
        throws IOException {
      List<EventRecord> records = new ImaLists(bank.tpmId(), bank).list(20);

      assertThat(read(Limits.DEFAULT, null, ImaLists.encode(records)).records()).isEqualTo(records);
    }

    @ParameterizedTest
    @CsvSource({"20, SHA1", "32, SHA256", "48, SHA384", "64, SHA512"})
    void whenNoDigestIsReproduced_thenTheirSizeDecides(int size, HashAlgorithm bank)
        throws IOException {
      String padded = "0a000000" + "77".repeat(size) + NG_NAME + NG_DATA;

      assertThat(read(padded, padded).records())
          .extracting(record -> record.digests().at(0))
          .containsOnly(new Digest(bank, Bytes.filled(size, 0x77)));
    }

    @ParameterizedTest
    @CsvSource({"20, SHA1", "32, SHA256", "48, SHA384", "64, SHA512"})
    void whenThereAreViolationsOnly_thenTheirSizeDecides(int size, HashAlgorithm bank)
        throws IOException {
      String violation = "0a000000" + "00".repeat(size) + NG_NAME + NG_DATA;

      assertThat(read(violation).records().get(0).digests().banks()).containsExactly(bank);
    }

    @Test
    void whenTheFirstDigestIsDamaged_thenTheOthersStillDecide() throws IOException {
      List<EventRecord> records = new ImaLists(1, HashAlgorithm.SM3_256).list(5);
      byte[] list = ImaLists.encode(records);
      list[4] ^= 1;

      assertThat(read(Limits.DEFAULT, null, list).records())
          .hasSize(5)
          .allMatch(record -> record.digests().banks().contains(HashAlgorithm.SM3_256));
    }

    @Test
    void whenTheFirstRecordIsLongerThanTheWindow_thenItsNameDecides() throws IOException {
      int size = 100_000;
      byte[] head = Logs.hex("0a000000", "11".repeat(32), "03000000736967");
      byte[] list = Arrays.copyOf(head, head.length + 4 + size);
      list[head.length] = (byte) size;
      list[head.length + 1] = (byte) (size >> 8);
      list[head.length + 2] = (byte) (size >> 16);

      assertThat(read(Limits.DEFAULT, null, list).records())
          .singleElement()
          .satisfies(record -> assertThat(template(record).data().length()).isEqualTo(size));
    }

    @Test
    void whenNoSizeFits_thenItSaysWhatWasTried() throws IOException {
      assertBroken(read("41".repeat(200)), 0, 0, "20, 32, 48 or 64 bytes");
    }
  }

  @Nested
  class GivenABank {
    @Test
    void whenItHasTheSizeOfTheDigests_thenItIsBelieved() throws IOException {
      String record = "0a000000" + NG_SHA256 + NG_NAME + NG_DATA;

      assertThat(
              read(Limits.DEFAULT, HashAlgorithm.SHA3_256, Logs.hex(record))
                  .records()
                  .get(0)
                  .digests()
                  .banks())
          .containsExactly(HashAlgorithm.SHA3_256);
    }

    @Test
    void whenItHasAnotherSize_thenNoTemplateNameIsFound() throws IOException {
      Logs log = read(Limits.DEFAULT, HashAlgorithm.SHA256, Logs.hex(NG));

      assertThat(log.records()).isEmpty();
      assertThat(log.error()).isNotNull().hasMessageContaining("template name");
    }
  }

  @Nested
  class GivenAHeadOfKexec {
    private static final String HEAD = "01000000000000007500000000000000" + "0100000000000000";

    @Test
    void whenItFitsTheList_thenItsRecordsAreReadAsSha1() throws IOException {
      Logs log = read(HEAD, NG);

      assertThat(log.error()).isNull();
      assertThat(log.records()).singleElement().isEqualTo(read(NG).records().get(0));
      assertThat(log.end()).isEqualTo(117);
    }

    @Test
    void whenTheSegmentIsLonger_thenZerosBehindTheListAreNone() throws IOException {
      assertThat(read(HEAD, NG, "00".repeat(1000)).error()).isNull();
    }

    @Test
    void whenRecordsAreMissing_thenItSaysHowMany() throws IOException {
      String two = HEAD.replace("7500", "d200").substring(0, 32) + "0200000000000000";

      assertBroken(read(two, NG), 1, 117, "ends after 1 records, its head says 2");
    }

    @Test
    void whenItsSizeIsWrong_thenItSaysWhatItSays() throws IOException {
      assertBroken(read(HEAD.replace("7500", "7600"), NG), 1, 117, "says 118 bytes");
    }

    @Test
    void whenMoreFollows_thenItIsNotPassedOver() throws IOException {
      assertBroken(read(HEAD, NG, NG), 1, 117, "bytes behind the 1 records");
    }
  }

  @Nested
  class GivenDamage {
    @Test
    void whenThereIsNothing_thenTheListIsEmpty() throws IOException {
      assertThat(read()).isEqualTo(new Logs(List.of(), 0, null));
    }

    @Test
    void whenTheLastRecordIsCut_thenEveryCutIsAnErrorAfterTheWholeRecords() throws IOException {
      byte[] list = Logs.hex(NG, IMA);
      int first = Logs.hex(NG).length;
      for (int length = first + 1; length < list.length; length++) {
        Logs log = read(Limits.DEFAULT, null, Arrays.copyOf(list, length));
        assertThat(log.records()).as("cut at %d", length).hasSize(1);
        assertThat(log.error()).as("cut at %d", length).isNotNull();
        assertThat(log.end()).as("cut at %d", length).isEqualTo(first);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "00010000", "ffffffff", "0200000000ff", "020000004142"})
    void whenATemplateNameIsImpossible_thenTheRecordIsRefused(String name) throws IOException {
      Logs log = read(NG, "0a000000", "11".repeat(20), name, "00".repeat(300));

      assertBroken(log, 1, Logs.hex(NG).length + 24, "template name");
    }

    @Test
    void whenDataAreLongerThanTheLimit_thenTheyAreRefusedByTheirLength() throws IOException {
      Limits limits = new Limits(40, 1, 1);

      assertBroken(read(limits, null, Logs.hex(NG)), 0, 34, "template data says 55, at most 40");
      assertBroken(read(new Limits(29, 1, 1), null, Logs.hex(IMA)), 0, 31, "says 6, at most 5");
    }

    @Test
    void whenThereAreMoreRegisters_thenTheLastIsRefused() throws IOException {
      Logs log = read(new Limits(1000, 1, 1), null, Logs.hex(NG, NG.replaceFirst("0a", "0b")));

      assertThat(log.records()).hasSize(1);
      assertThat(log.error()).isNotNull().hasMessageContaining("more than 1 different registers");
    }
  }
}
