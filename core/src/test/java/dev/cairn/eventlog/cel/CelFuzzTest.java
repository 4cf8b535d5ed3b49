package dev.cairn.eventlog.cel;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.OpaqueContent.Encoding;
import dev.cairn.testing.LogCodec;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** In a build, each runs over its seeds only; {@code tests/fuzz} fuzzes. */
class CelFuzzTest {
  static final LogCodec TLV = LogCodec.of(CelTlv::reader, CelTlv::writer);

  static final LogCodec JSON = LogCodec.of(CelJson::reader, CelJson::writer);
  static final LogCodec JSON_SEQ = LogCodec.of(CelJsonSeq::reader, CelJsonSeq::writer);
  static final LogCodec CBOR =
      new LogCodec(in -> CelCbor.reader(in, Limits.DEFAULT), CborArray::new);
  static final LogCodec CBOR_SEQ = LogCodec.of(CelCborSeq::reader, CelCborSeq::writer);

  static Stream<byte[]> tlvLogs() {
    return TLV.seedLogs(Encoding.TLV);
  }

  @MethodSource("tlvLogs")
  @FuzzTest
  void whenTlv_thenRecordsOrOneReason(byte[] log) throws IOException {
    TLV.assertSafe(log);
  }

  static Stream<byte[]> jsonLogs() {
    return JSON.seedLogs(Encoding.JSON);
  }

  @MethodSource("jsonLogs")
  @FuzzTest
  void whenJson_thenRecordsOrOneReason(byte[] log) throws IOException {
    JSON.assertSafe(log);
  }

  static Stream<byte[]> jsonSeqLogs() {
    return JSON_SEQ.seedLogs(Encoding.JSON);
  }

  @MethodSource("jsonSeqLogs")
  @FuzzTest
  void whenJsonSeq_thenRecordsOrOneReason(byte[] log) throws IOException {
    JSON_SEQ.assertSafe(log);
  }

  static Stream<byte[]> cborLogs() {
    return CBOR.seedLogs(Encoding.CBOR);
  }

  @MethodSource("cborLogs")
  @FuzzTest
  void whenCbor_thenRecordsOrOneReason(byte[] log) throws IOException {
    CBOR.assertSafe(log);
  }

  static Stream<byte[]> cborSeqLogs() {
    return CBOR_SEQ.seedLogs(Encoding.CBOR);
  }

  @MethodSource("cborSeqLogs")
  @FuzzTest
  void whenCborSeq_thenRecordsOrOneReason(byte[] log) throws IOException {
    CBOR_SEQ.assertSafe(log);
  }
}
