package dev.cairn.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog.Origin;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Quote;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceDocumentTest {
  private static final EvidenceLimits LIMITS = new EvidenceLimits(4096, 4, 2, 1 << 20);
  private static final String SMALL =
      "{\"cairn_evidence\":1,\"epoch\":\"e1\",\"nonce\":\"AQID\","
          + "\"quote\":{\"type\":\"emulator\",\"parts\":{\"report\":\"/+8=\"}},"
          + "\"values\":{\"registers\":\"pcr\",\"sha1\":{\"14\":\""
          + "ab".repeat(20)
          + "\"}},\"explained\":[\"pcr14\"],"
          + "\"foreign_logs\":[{\"origin\":\"firmware\",\"location\":\"/sys/log\","
          + "\"format\":\"tcg2\",\"data\":\"AAAA\"}],"
          + "\"log\":{\"format\":\"cel-tlv\",\"first_position\":0,\"end_position\":2,"
          + "\"bytes\":4,\"data\":\"AAECAw==\"}}";

  @TempDir Path folder;

  private Evidence read(byte[] document) throws IOException {
    return new EvidenceReader(LIMITS, folder).read(new ByteArrayInputStream(document));
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  private static EvidenceHead smallHead() {
    Quote quote =
        Quote.of(
            "emulator",
            Map.of("report", Bytes.fromHex("ffef")),
            Map.of(RegisterId.pcr(14), DigestSet.filled(List.of(HashAlgorithm.SHA1), 0xAB)));
    return new EvidenceHead(
        "e1", Bytes.fromHex("010203"), quote, new TreeSet<>(Set.of(RegisterId.pcr(14))));
  }

  @Test
  void whenWritten_thenTheBytesAreThoseOfTheDescription() throws Exception {
    byte[] document =
        Attester.document(
            smallHead(),
            List.of(
                new LogPart.Foreign(
                    Origin.FIRMWARE, "/sys/log", "tcg2", new ByteArrayInputStream(new byte[3]))),
            2,
            new byte[] {0, 1, 2, 3});

    assertThat(new String(document, UTF_8)).isEqualTo(SMALL);
  }

  @Test
  void whenRead_thenItIsWhatWasWritten() throws Exception {
    try (Evidence evidence = read(SMALL.getBytes(UTF_8))) {
      assertThat(evidence.head()).isEqualTo(smallHead());
      assertThat(evidence.endPosition()).isEqualTo(2);
      assertThat(bytes(evidence.log().orElseThrow())).isEqualTo(new byte[] {0, 1, 2, 3});
      Evidence.ForeignPart foreign = evidence.foreignLogs().get(0);
      assertThat(foreign.origin()).isEqualTo(Origin.FIRMWARE);
      assertThat(foreign.log().name()).isEqualTo("firmware log (/sys/log)");
      assertThat(bytes(foreign.log())).isEqualTo(new byte[3]);
    }
    assertNothingIsLeft();
  }

  @Test
  void whenTheLogIsElsewhere_thenOnlyItsEndIsThere() throws Exception {
    LogPart.Committed part = new LogPart.Committed(7, 900, Optional.empty());
    byte[] document;
    try (InputStream in = EvidenceWriter.stream(smallHead(), List.of(), part)) {
      document = in.readAllBytes();
    }

    try (Evidence evidence = read(document)) {
      assertThat(evidence.log()).isEmpty();
      assertThat(evidence.endPosition()).isEqualTo(7);
    }
  }

  @Test
  void whenMembersComeInAnotherOrderWithWhiteSpace_thenItIsTheSame() throws Exception {
    String other =
        "{ \"cairn_evidence\" : 1,\n\"log\":{\"data\":\"AAECAw==\",\"bytes\":4,\"end_position\":2,"
            + "\"first_position\":0,\"format\":\"cel-tlv\"},\"explained\":[\"pcr14\"],"
            + "\"values\":{\"sha1\":{\"14\":\""
            + "AB".repeat(20)
            + "\"},\"registers\":\"pcr\"},\"quote\":{\"parts\":{\"report\":\"/+8=\"},"
            + "\"type\":\"emulator\"},\"nonce\":\"AQID\",\"epoch\":\"e1\"}\n";

    try (Evidence evidence = read(other.getBytes(UTF_8))) {
      assertThat(evidence.head()).isEqualTo(smallHead());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"cairn_evidence\":1, | | no evidence of Cairn",
        "{\"cairn | [{\"cairn | no evidence of Cairn",
        "evidence\":1 | evidence\":2 | cairn_evidence: version 2, this release knows 1",
        "evidence\":1 | evidence\":\"1\" | cairn_evidence: needs a whole number",
        "\"epoch\":\"e1\", | | epoch: missing",
        "\"nonce\":\"AQID\", | | nonce: missing",
        "\"explained\":[\"pcr14\"], | | explained: missing",
        "\"epoch\":\"e1\" | \"epoch\":7 | epoch: needs a string",
        "\"epoch\":\"e1\" | \"epoch\":\"e1\",\"epoch\":\"e2\" | Duplicate",
        "\"epoch\":\"e1\" | \"epoch\":\"e1\",\"ok\":true | ok: this release knows no such member",
        "AQID | AQI | evidence: byte ",
        "AQID | A*ID | nonce: Illegal character '*'",
        "\"AQID\" | [1,2,3] | nonce: needs a string in base64",
        "\"type\":\"emulator\", | | quote: needs type and parts",
        "\"report\":\"/+8=\" | \"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\",\"e\":\"\" | more than 4 parts",
        "\"14\":\"ab | \"14\":\"ab00 | values: sha1.14: 42 hexadecimal digits",
        "\"sha1\" | \"md5\" | values: values: no register value",
        "[\"pcr14\"] | [\"pcr14\",\"pcr14\"] | explained: pcr14 named twice",
        "[\"pcr14\"] | [\"pcr-1\"] | explained: 'pcr-1' is no register",
        "[\"pcr14\"] | \"pcr14\" | explained: needs an array",
        "firmware\" | oracle\" | foreign_logs[0].origin: oracle, needs one of",
        "tcg2 | zip | foreign_logs[0].format: 'zip' is no format",
        "\"location\":\"/sys/log\", | | needs origin, location, format and data",
        "cel-tlv | tcg2 | log.format: tcg2, needs cel-tlv",
        "first_position\":0 | first_position\":1 | log.first_position: needs 0",
        "end_position\":2 | end_position\":-2 | log.end_position: -2: needs 0 to",
        "end_position\":2 | end_position\":99999999999999999999 | log.end_position: 9999",
        "\"end_position\":2, | | needs end_position and bytes",
        "bytes\":4 | bytes\":5 | log.data: 4 bytes, needs 5",
        "AAECAw== | AAECAw | evidence: byte ",
      })
  void whenAMemberIsWrong_thenItIsNamedAndNothingIsLeft(String part, String other, String message)
      throws Exception {
    assertThat(SMALL).contains(part);
    byte[] document = SMALL.replace(part, other == null ? "" : other).getBytes(UTF_8);

    assertThatThrownBy(() -> read(document))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageContaining(message);
    assertNothingIsLeft();
  }

  @Test
  void whenSomethingIsTooLong_thenItIsNotRead() throws Exception {
    String part = "A".repeat(6000);
    String log = "A".repeat(2 << 20);

    assertThatThrownBy(() -> read(SMALL.replace("/+8=", part).getBytes(UTF_8)))
        .hasMessageContaining("quote.parts.report: longer than 4096 bytes");
    assertThatThrownBy(() -> read(SMALL.replace("AAECAw==", log).getBytes(UTF_8)))
        .hasMessageContaining("log.data: longer than 1048576 bytes");
    assertThatThrownBy(() -> read(SMALL.replace("e1", "e".repeat(5000)).getBytes(UTF_8)))
        .isInstanceOf(MalformedEvidenceException.class);
    assertThatThrownBy(() -> read(SMALL.replace("AQID", "A".repeat(88)).getBytes(UTF_8)))
        .hasMessageContaining("nonce: longer than 64 bytes");
    assertThatThrownBy(() -> read((SMALL + "{}").getBytes(UTF_8)))
        .hasMessageContaining("more follows");
    assertNothingIsLeft();
  }

  /** 48 MiB of log: a document or a log in memory would show in what the thread allocates. */
  @Test
  void whenTheLogIsLong_thenItIsNeverInMemory() throws Exception {
    long length = 48L << 20;
    Path document = folder.resolve("document");
    LogPart.Committed part = new LogPart.Committed(1, length, Optional.of(new Endless(length)));

    long writing =
        Hostile.allocatedBytes(
            () -> {
              try (InputStream in = EvidenceWriter.stream(smallHead(), List.of(), part)) {
                Files.copy(in, document);
              }
            });
    long reading =
        Hostile.allocatedBytes(
            () -> {
              try (InputStream in = Files.newInputStream(document)) {
                new EvidenceReader(EvidenceLimits.DEFAULT, folder).read(in).close();
              }
            });

    assertThat(Files.size(document)).isGreaterThan(length * 4 / 3);
    assertThat(writing).isLessThan(8 << 20);
    assertThat(reading).isLessThan(8 << 20);
  }

  @SeededTest
  void whenWrittenAndRead_thenItIsTheSame(long seed) throws Exception {
    Random random = new Random(seed);
    EvidenceHead head = randomHead(random);
    byte[] log = randomBytes(random, 5000);
    byte[] firmware = randomBytes(random, 3000);

    byte[] document =
        Attester.document(
            head,
            List.of(
                new LogPart.Foreign(
                    Origin.IMA, "somewhere \"\u2603\"", "ima", new ByteArrayInputStream(firmware))),
            random.nextInt(100),
            log);

    try (Evidence evidence = read(document)) {
      assertThat(evidence.head()).isEqualTo(head);
      assertThat(bytes(evidence.log().orElseThrow())).isEqualTo(log);
      assertThat(bytes(evidence.foreignLogs().get(0).log())).isEqualTo(firmware);
    }
    assertNothingIsLeft();
  }

  @SeededTest
  void whenDamaged_thenItIsRefusedOrReadAndNothingIsLeft(long seed) throws Exception {
    byte[] damaged = Hostile.mutate(SMALL.getBytes(UTF_8), seed);
    try (Evidence evidence = read(damaged)) {
      assertThat(evidence.head().nonce().length()).isLessThanOrEqualTo(64);
    } catch (MalformedEvidenceException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
    assertNothingIsLeft();
  }

  @SeededTest
  void whenCutAnywhere_thenItIsRefused(long seed) throws Exception {
    byte[] document = SMALL.getBytes(UTF_8);
    int length = new Random(seed).nextInt(document.length);

    assertThatThrownBy(() -> read(java.util.Arrays.copyOf(document, length)))
        .isInstanceOf(MalformedEvidenceException.class);
    assertNothingIsLeft();
  }

  private static byte[] bytes(dev.cairn.replay.LogSource log) throws IOException {
    return Files.readAllBytes(((SpooledLog) log).file());
  }

  private static EvidenceHead randomHead(Random random) {
    Map<String, Bytes> parts = new TreeMap<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      parts.put("part " + i, Bytes.owning(randomBytes(random, 4000)));
    }
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    boolean tdx = random.nextBoolean();
    for (int i = random.nextInt(5); i >= 0; i--) {
      List<Digest> digests = new ArrayList<>();
      for (HashAlgorithm bank : HashAlgorithm.values()) {
        if (digests.isEmpty() || random.nextBoolean()) {
          byte[] value = new byte[bank.sizeBytes()];
          random.nextBytes(value);
          digests.add(new Digest(bank, Bytes.owning(value)));
        }
      }
      values.put(
          tdx && random.nextBoolean() ? RegisterId.rtmr(i % 4) : RegisterId.pcr(i),
          DigestSet.of(digests));
    }
    return new EvidenceHead(
        "epoch " + random.nextInt(),
        Bytes.owning(randomBytes(random, 64)),
        Quote.of("kind" + random.nextInt(9), parts, values),
        new TreeSet<>(values.keySet()));
  }

  private static byte[] randomBytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Zeros, as many as wanted. */
  private static final class Endless extends InputStream {
    private long left;

    Endless(long length) {
      left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int given = (int) Math.min(length, left);
      java.util.Arrays.fill(target, offset, offset + given, (byte) 0);
      left -= given;
      return given;
    }
  }
}
