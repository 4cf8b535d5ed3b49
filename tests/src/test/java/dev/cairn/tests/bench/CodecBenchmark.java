package dev.cairn.tests.bench;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.EventWriter;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Each format that is written, in memory; one operation is one record of about 110 bytes of content
 * and two digests. The floor copies the same bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final int RECORDS = 10_000;

  /** The format. */
  @Param({"CEL_TLV", "CEL_JSON", "CEL_JSON_SEQ", "CEL_CBOR", "CEL_CBOR_SEQ", "TCG2"})
  public LogFormat format;

  private List<EventRecord> records;
  private byte[] log;

  /** Makes the log. */
  @Setup
  public void setUp() throws IOException {
    List<HashAlgorithm> banks = List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384);
    records = SampleLogs.events(RECORDS, RegisterId.pcr(14), banks);
    log = SampleLogs.write(format, records);
  }

  /** From records to bytes. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public ByteArrayOutputStream encode() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(log.length);
    try (EventWriter writer = EventLogs.writer(format, out)) {
      for (EventRecord record : records) {
        writer.write(record);
      }
    }
    return out;
  }

  /** From bytes to records. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public int decode() throws IOException {
    int read = 0;
    ReadOptions options = ReadOptions.DEFAULT.withFormat(format);
    try (EventReader reader = EventLogs.open(new ByteArrayInputStream(log), options)) {
      while (reader.next() != null) {
        read++;
      }
    }
    if (read < RECORDS) {
      throw new IllegalStateException("%s: %d records".formatted(format, read));
    }
    return read;
  }

  /** A copy of the bytes. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public ByteArrayOutputStream floor() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(log.length);
    out.write(log, 0, log.length);
    return out;
  }
}
