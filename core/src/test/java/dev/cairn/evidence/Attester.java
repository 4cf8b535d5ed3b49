package dev.cairn.evidence;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendRequest;
import dev.cairn.service.LogSlice;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.service.QuotedLog;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** A measured log on the emulator that gives evidence. */
final class Attester implements AutoCloseable {
  static final Bytes NONCE = Bytes.filled(32, 0x4E);

  final EmulatorBackend emulator;
  private final MeasuredLog log;

  private Attester(Path directory, EmulatorProfile profile) throws Exception {
    emulator = EmulatorBackend.open(profile, directory.resolve("registers"));
    log =
        MeasuredLog.open(
            LogStore.open(directory.resolve("state"), StoreOptions.DEFAULT),
            emulator,
            MeasuredLogOptions.DEFAULT);
  }

  static Attester in(Path directory, EmulatorProfile profile) throws Exception {
    return new Attester(directory, profile);
  }

  void extend(RegisterId register, String content) throws Exception {
    ExtendRequest request =
        new ExtendRequest(
            register,
            new AaelEvent("test", "op", content).toPcClientEvent(),
            Optional.empty(),
            Optional.empty());
    log.extend(request).get(20, TimeUnit.SECONDS);
  }

  /** Extends {@code register} as somebody else does, in all banks, by ones. */
  void extendBehindItsBack(RegisterId register) throws Exception {
    List<HashAlgorithm> banks = emulator.profile().banks();
    emulator.extend(register, DigestSet.filled(banks, 1));
  }

  QuotedLog quote(RegisterId... registers) throws Exception {
    QuoteRequest request =
        new QuoteRequest(NONCE, new TreeSet<>(Set.of(registers)), new TreeSet<>());
    return log.quote(request).get(20, TimeUnit.SECONDS);
  }

  /** Returns records 0 to {@code quoted}'s position as they lie on disk. */
  byte[] log(QuotedLog quoted) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (LogSnapshot snapshot = log.snapshot()) {
      for (LogSlice slice : snapshot.slices(0, quoted.offset())) {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(slice.length()));
        while (buffer.hasRemaining()
            && slice.channel().read(buffer, slice.offset() + buffer.position()) >= 0) {}
        bytes.write(buffer.array());
      }
    }
    return bytes.toByteArray();
  }

  static EvidenceHead head(QuotedLog quoted) {
    return new EvidenceHead(quoted.epoch(), NONCE, quoted.quote(), quoted.explained());
  }

  /** Returns the whole document. */
  byte[] evidence(RegisterId... registers) throws Exception {
    QuotedLog quoted = quote(registers);
    return document(head(quoted), List.of(), quoted.position(), log(quoted));
  }

  static byte[] document(
      EvidenceHead head, List<LogPart.Foreign> foreign, long position, byte[] log)
      throws IOException {
    LogPart.Committed part =
        new LogPart.Committed(position, log.length, Optional.of(new ByteArrayInputStream(log)));
    try (InputStream document = EvidenceWriter.stream(head, foreign, part)) {
      return document.readAllBytes();
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
