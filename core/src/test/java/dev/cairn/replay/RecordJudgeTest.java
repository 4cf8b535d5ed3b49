package dev.cairn.replay;

import static dev.cairn.measure.HashAlgorithm.SHA1;
import static dev.cairn.measure.HashAlgorithm.SHA256;
import static dev.cairn.measure.HashAlgorithm.SHA384;
import static dev.cairn.replay.RecordVerdict.Outcome.MISMATCH;
import static dev.cairn.replay.RecordVerdict.Outcome.NOT_MEASURED;
import static dev.cairn.replay.RecordVerdict.Outcome.NOT_REPRODUCIBLE;
import static dev.cairn.replay.RecordVerdict.Outcome.NO_DIGEST;
import static dev.cairn.replay.RecordVerdict.Outcome.REPRODUCED;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecordJudgeTest {
  private static final Bytes ELSE = bytes("bytes that are not in the log");
  // GUID | u64 1 | u64 2 | 'N' in UTF-16 | data
  private static final Bytes VARIABLE =
      Bytes.fromHex("00".repeat(16) + "0100000000000000" + "0200000000000000" + "4e00" + "aabb");

  private final RecordJudge judge = new RecordJudge();

  private static Bytes bytes(String text) {
    return Bytes.owning(text.getBytes(UTF_8));
  }

  private RecordVerdict judge(EventContent content, Bytes hashed) {
    return judge.judge(Records.of(Records.PCR0, 0, content, hashed, SHA1, SHA256));
  }

  @ParameterizedTest
  @CsvSource({
    "00000001, 'POST CODE', 'POST CODE', EVENT_DATA",
    "00000004, '    ', '    ', EVENT_DATA",
    "0000000d, 'grub_cmd: set a=1\0', 'set a=1', TEXT_AFTER_SPACE",
    "0000000d, 'grub_cmd set a=1\0', 'set a=1\0', TEXT_AFTER_SPACE_AND_NUL",
    "0000000d, 'grub_cmd set a=1\0`', 'set a=1\0', TEXT_AFTER_SPACE_AND_NUL",
    "0000000d, 'x', 'x', EVENT_DATA",
    "00000005, 'text\0', 'text', DATA_WITHOUT_NUL",
    "80000007, 'Exit Boot Services Invocation', 'Exit Boot Services Invocation', EVENT_DATA",
  })
  void whenAnEventIsHashedByARuleOfItsType_thenTheRuleIsFound(
      String type, String data, String hashed, Rule rule) {
    RecordVerdict verdict =
        judge(new PcClientEvent(Long.parseLong(type, 16), bytes(data)), bytes(hashed));

    assertThat(verdict.outcome()).isEqualTo(REPRODUCED);
    assertThat(verdict.rule()).isEqualTo(rule);
  }

  static Stream<Arguments> contents() {
    Bytes utf16 = Bytes.owning(".linux\0".getBytes(UTF_16LE));
    ImaTemplate ima = new ImaTemplate("ima", Bytes.fromHex("11".repeat(20) + "02000000" + "2f78"));
    return Stream.of(
        Arguments.of(
            new PcClientEvent(0x8000_0002L, VARIABLE), VARIABLE.slice(34, 36), Rule.VARIABLE_DATA),
        Arguments.of(new PcClientEvent(0x8000_0002L, VARIABLE), VARIABLE, Rule.EVENT_DATA),
        Arguments.of(new PcClientEvent(0x0D, utf16), bytes(".linux\0"), Rule.TEXT_AS_ASCII),
        Arguments.of(new PcClientEvent(0x0D, bytes("odd")), bytes("odd\0"), Rule.DATA_AND_NUL),
        Arguments.of(
            new ImaTemplate("ima-ng", bytes("template")), bytes("template"), Rule.TEMPLATE_DATA),
        Arguments.of(
            ima, Bytes.fromHex("11".repeat(20) + "2f78" + "00".repeat(254)), Rule.TEMPLATE_DATA),
        Arguments.of(new ImaTlv(bytes("ab")), Bytes.fromHex("08000000026162"), Rule.CONTENT_TLV),
        Arguments.of(
            new OpaqueContent("80", OpaqueContent.Encoding.TLV, bytes("ab")),
            Bytes.fromHex("50000000026162"),
            Rule.CONTENT_TLV),
        Arguments.of(
            new Management.StateTransition(2),
            Bytes.fromHex("0400000009" + "5100000004" + "00000002"),
            Rule.CONTENT_TLV),
        Arguments.of(new SystemdEvent(bytes("cryptsetup")), bytes("cryptsetup"), Rule.TEXT));
  }

  @ParameterizedTest
  @MethodSource("contents")
  void whenAContentIsHashedByItsRule_thenTheRuleIsFound(
      EventContent content, Bytes hashed, Rule rule) {
    assertThat(judge(content, hashed).rule()).isEqualTo(rule);
  }

  static Stream<EventContent> strictContents() {
    return Stream.of(
        new PcClientEvent(0x04, Bytes.filled(4, 0)),
        new PcClientEvent(0x04, Bytes.filled(4, 0xFF)),
        new PcClientEvent(0x08, bytes("version")),
        new PcClientEvent(0x0D, bytes("grub_cmd: ls")),
        new PcClientEvent(0x8000_0001L, VARIABLE),
        new PcClientEvent(0x8000_0002L, VARIABLE),
        new PcClientEvent(0x8000_0006L, bytes("EFI PART")),
        new PcClientEvent(0x8000_0007L, bytes("action")),
        new dev.cairn.eventlog.AaelEvent("a", "b", "c").toPcClientEvent(),
        new ImaTemplate("ima-ng", bytes("template")),
        new ImaTlv(bytes("ab")),
        new OpaqueContent("80", OpaqueContent.Encoding.TLV, bytes("ab")));
  }

  @ParameterizedTest
  @MethodSource("strictContents")
  void whenAContentAlwaysHoldsWhatIsHashed_thenAnotherDigestIsWrong(EventContent content) {
    RecordVerdict verdict = judge(content, ELSE);

    assertThat(verdict.outcome()).isEqualTo(MISMATCH);
    assertThat(verdict.mismatched()).containsExactlyInAnyOrder(SHA1, SHA256);
  }

  static Stream<EventContent> contentsOfOtherThings() {
    return Stream.of(
        new PcClientEvent(0x04, bytes("Skiboot Boot")),
        new PcClientEvent(0x06, Bytes.fromHex("ec223b8f" + "01000000" + "00")),
        new PcClientEvent(0x0D, bytes("MokList")),
        new PcClientEvent(0x8000_0003L, bytes("device path")),
        new PcClientEvent(0x8000_00E0L, VARIABLE),
        new PcClientEvent(0x40E, Bytes.EMPTY),
        new SystemdEvent(bytes("text of an HMAC")),
        new Management.Timestamp(1),
        new OpaqueContent("200", OpaqueContent.Encoding.TLV, bytes("ab")),
        new OpaqueContent("cvm", OpaqueContent.Encoding.JSON, bytes("{}")));
  }

  @ParameterizedTest
  @MethodSource("contentsOfOtherThings")
  void whenADigestMayCoverBytesElsewhere_thenNothingIsWrong(EventContent content) {
    assertThat(judge(content, ELSE).outcome()).isEqualTo(NOT_REPRODUCIBLE);
  }

  @Test
  void whenOneBankShowsTheRuleAndAnotherDoesNot_thenTheOtherIsWrong() {
    EventContent content = new PcClientEvent(0x8000_00E0L, VARIABLE);
    EventRecord right = Records.of(Records.PCR0, 0, content, VARIABLE, SHA1, SHA256, SHA384);

    RecordVerdict verdict = judge.judge(Records.wrong(right, SHA256));

    assertThat(verdict.outcome()).isEqualTo(MISMATCH);
    assertThat(verdict.mismatched()).containsExactly(SHA256);
  }

  @Test
  void whenThereIsNoDigest_thenThatIsSaid() {
    EventRecord record = new EventRecord(0, Records.PCR0, DigestSet.EMPTY, new ImaTlv(bytes("ab")));

    assertThat(judge.judge(record).outcome()).isEqualTo(NO_DIGEST);
  }

  @Test
  void whenAnImaEntryHasZeros_thenItIsAViolation() {
    RecordVerdict verdict = judge.judge(Records.imaViolation(0, "/x", SHA1));

    assertThat(verdict.outcome()).isEqualTo(NOT_REPRODUCIBLE);
    assertThat(verdict.reason()).contains("violation");
  }

  @Test
  void whenAnImaEntryHasThePaddedSha1InAnotherBank_thenTheRuleIsThat() {
    EventRecord entry = Records.ima(0, "/x", SHA1);
    byte[] padded = new byte[48];
    Records.digest(entry, SHA1).copyTo(padded, 0);
    DigestSet both = DigestSet.of(entry.digests().at(0), new Digest(SHA384, Bytes.owning(padded)));

    assertThat(judge.judge(new EventRecord(0, Records.PCR10, both, entry.content())).rule())
        .isEqualTo(Rule.PADDED_SHA1);
  }

  @Test
  void whenARecordThatExtendsNothingHasADigest_thenItIsWrong() {
    EventRecord record = Records.startupLocality(3);
    HashAlgorithm bank = record.digests().at(0).algorithm();

    assertThat(judge.judge(record).outcome()).isEqualTo(NOT_MEASURED);
    assertThat(judge.judge(Records.wrong(record, bank)).mismatched()).containsExactly(bank);
  }

  @Test
  void whenItNamesNoRegisterEither_thenItMayHaveOne() {
    DigestSet digest = DigestSet.filled(List.of(SHA256), 0x33);
    EventRecord record =
        new EventRecord(
            0,
            RegisterId.pcr(0xFFFF_FFFFL),
            digest,
            new PcClientEvent(0x03, bytes("boot loader's own log")));

    assertThat(judge.judge(record).outcome()).isEqualTo(NOT_MEASURED);
  }
}
