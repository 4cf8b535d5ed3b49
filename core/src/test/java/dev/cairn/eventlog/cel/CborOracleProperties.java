package dev.cairn.eventlog.cel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Jackson's CBOR, written by others, says the same of the bytes as Cairn's strict reader does. */
class CborOracleProperties {
  private static final CBORFactory JACKSON =
      CBORFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  @SeededTest
  void whenCairnWrites_thenJacksonReadsTheSameHeads(long seed) throws Exception {
    List<EventRecord> records =
        new EventRecords(seed, OpaqueContent.Encoding.CBOR)
            .list(8).stream().filter(r -> !r.digests().isEmpty()).toList();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var writer = CelCborSeq.writer(bytes)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }

    try (CBORParser parser = JACKSON.createParser(bytes.toByteArray())) {
      for (EventRecord record : records) {
        assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
        assertHead(parser, record);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          parser.nextToken();
          parser.skipChildren();
        }
      }
      assertThat(parser.nextToken()).isNull();
    }
  }

  private static void assertHead(CBORParser parser, EventRecord record) throws Exception {
    assertThat(parser.nextFieldName()).isEqualTo("0");
    assertThat(parser.nextLongValue(-1)).isEqualTo(record.recnum());
    String key = parser.nextFieldName();
    if (record.register().kind() != RegisterId.Kind.CCMR) {
      assertThat(key).isEqualTo(record.register().kind() == RegisterId.Kind.PCR ? "1" : "2");
      assertThat(parser.nextLongValue(-1)).isEqualTo(record.register().index());
      key = parser.nextFieldName();
    }
    assertThat(key).isEqualTo("3");
    assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
    int digests = 0;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      assertDigest(parser, record);
      digests++;
    }
    assertThat(digests).isEqualTo(record.digests().size() + record.unknownDigests().size());
  }

  private static void assertDigest(CBORParser parser, EventRecord record) throws Exception {
    assertThat(parser.nextFieldName()).isEqualTo("0");
    int algorithm = parser.nextIntValue(-1);
    assertThat(parser.nextFieldName()).isEqualTo("1");
    assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_EMBEDDED_OBJECT);
    Bytes value = Bytes.copyOf(parser.getBinaryValue());
    HashAlgorithm.ofTpmId(algorithm)
        .ifPresent(
            known -> assertThat(record.digests().get(known)).contains(new Digest(known, value)));
    assertThat(parser.nextToken()).isEqualTo(JsonToken.END_OBJECT);
  }

  @SeededTest
  void whenJacksonWrites_thenCairnReadsTheSameRecord(long seed) throws Exception {
    Random random = new Random(seed);
    byte[] data = new byte[random.nextInt(300)];
    random.nextBytes(data);
    EventRecord record =
        new EventRecord(
            random.nextInt(1 << 20),
            RegisterId.pcr(random.nextInt(24)),
            DigestSet.of(HashAlgorithm.SHA256.hash(Bytes.copyOf(data))),
            new PcClientEvent(random.nextInt(1 << 16), Bytes.copyOf(data)));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (CBORGenerator out = JACKSON.createGenerator(bytes)) {
      write(out, record, data);
    }

    try (EventReader reader =
        CelCborSeq.reader(new ByteArrayInputStream(bytes.toByteArray()), Limits.DEFAULT)) {
      assertThat(reader.next()).isEqualTo(record);
      assertThat(reader.next()).isNull();
    }
  }

  private static void write(CBORGenerator out, EventRecord record, byte[] data) throws Exception {
    PcClientEvent event = (PcClientEvent) record.content();
    out.writeStartObject(null, 5);
    number(out, 0, record.recnum());
    number(out, 1, record.register().index());
    out.writeFieldId(3);
    out.writeStartArray(null, 1);
    out.writeStartObject(null, 2);
    number(out, 0, HashAlgorithm.SHA256.tpmId());
    out.writeFieldId(1);
    out.writeBinary(record.digests().at(0).value().toArray());
    out.writeEndObject();
    out.writeEndArray();
    number(out, 9, 5);
    out.writeFieldId(10);
    out.writeStartObject(null, 2);
    number(out, 0, event.claimedEventType());
    out.writeFieldId(1);
    out.writeBinary(data);
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void number(CBORGenerator out, long key, long value) throws Exception {
    out.writeFieldId(key);
    out.writeNumber(value);
  }
}
