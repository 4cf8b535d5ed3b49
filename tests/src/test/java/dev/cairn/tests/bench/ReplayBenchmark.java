package dev.cairn.tests.bench;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.format.EventLogs;
import dev.cairn.eventlog.format.ReadOptions;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import dev.cairn.replay.Replay;
import dev.cairn.replay.Replayer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Replay of a log in memory with every digest checked against its content; one operation is one
 * record. A run whose replay finds anything wrong fails.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayBenchmark {
  private static final int RECORDS = 100_000;
  private static final HashAlgorithm BANK = HashAlgorithm.SHA384;
  private static final RegisterId REGISTER = RegisterId.rtmr(2);

  private byte[] celTlv;
  private byte[] tcg2;
  private byte[] imaSha1;
  private byte[] imaSha256;
  private List<byte[]> contents;

  /** Makes the logs. */
  @Setup
  public void setUp() throws IOException {
    List<EventRecord> events = SampleLogs.events(RECORDS, REGISTER, List.of(BANK));
    celTlv = SampleLogs.write(LogFormat.CEL_TLV, events);
    tcg2 = SampleLogs.write(LogFormat.TCG2, events);
    imaSha1 = SampleLogs.ima(RECORDS, HashAlgorithm.SHA1);
    imaSha256 = SampleLogs.ima(RECORDS, HashAlgorithm.SHA256);
    contents = new ArrayList<>(RECORDS);
    for (EventRecord event : events) {
      contents.add(((PcClientEvent) event.content()).data().toArray());
    }
  }

  /** CEL-TLV, SHA-384. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public DigestSet celTlv() throws IOException {
    return replay(LogFormat.CEL_TLV, celTlv, REGISTER);
  }

  /** The same events as a CCEL. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public DigestSet tcg2() throws IOException {
    return replay(LogFormat.TCG2, tcg2, REGISTER);
  }

  /** IMA list of SHA-256 digests. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public DigestSet imaSha256() throws IOException {
    return replay(LogFormat.IMA, imaSha256, RegisterId.pcr(10));
  }

  /** IMA list of SHA-1 digests, from which the SHA-256 bank is derived as well. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public DigestSet imaSha1() throws IOException {
    return replay(LogFormat.IMA, imaSha1, RegisterId.pcr(10));
  }

  /** Two hashes for each record, of its content and of the register, and nothing else. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public byte[] floor() throws DigestException {
    MessageDigest hash = BANK.newDigest();
    byte[] value = new byte[BANK.sizeBytes()];
    byte[] digest = new byte[BANK.sizeBytes()];
    for (byte[] content : contents) {
      hash.update(content);
      hash.digest(digest, 0, digest.length);
      hash.update(value);
      hash.update(digest);
      hash.digest(value, 0, value.length);
    }
    return value;
  }

  private static DigestSet replay(LogFormat format, byte[] log, RegisterId register)
      throws IOException {
    Replayer replayer = new Replayer(Limits.DEFAULT);
    ReadOptions options = ReadOptions.DEFAULT.withFormat(format);
    try (EventReader reader = EventLogs.open(new ByteArrayInputStream(log), options)) {
      replayer.read("sample", reader);
    }
    Replay replay = replayer.result();
    if (!replay.complete() || replay.findingCount() > 0 || replay.records() < RECORDS) {
      throw new IllegalStateException("%s: %s".formatted(format.label(), replay));
    }
    return replay.values().asMap().get(register);
  }
}
