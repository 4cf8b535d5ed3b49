package dev.cairn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.emulator.Fault;
import dev.cairn.emulator.RebootKind;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A measured log on the emulator, in a directory, that can be stopped, rebooted and started. */
final class MeasuredLogFixture implements AutoCloseable {
  static final RegisterId RTMR2 = RegisterId.rtmr(2);
  static final RegisterId RTMR3 = RegisterId.rtmr(3);

  private final Path directory;
  MeasuredLogOptions options = MeasuredLogOptions.DEFAULT;
  StoreOptions storeOptions = StoreOptions.DEFAULT;
  EmulatorBackend emulator;
  MeasuredLog log;

  private MeasuredLogFixture(Path directory) throws Exception {
    this.directory = directory;
    start();
  }

  static MeasuredLogFixture in(Path directory) throws Exception {
    return new MeasuredLogFixture(directory);
  }

  Path registers() {
    return directory.resolve("registers");
  }

  Path state() {
    return directory.resolve("state");
  }

  void start(String... faults) throws Exception {
    emulator = EmulatorBackend.open(EmulatorProfile.TDX, registers());
    for (String fault : faults) {
      emulator.inject(Fault.parse(fault));
    }
    log = MeasuredLog.open(LogStore.open(state(), storeOptions), emulator, options);
  }

  void stop() {
    log.close();
  }

  void restart(String... faults) throws Exception {
    stop();
    start(faults);
  }

  void reboot(RebootKind kind) throws Exception {
    stop();
    EmulatorBackend.reboot(registers(), kind);
    start();
  }

  /** Extends {@code register} while the daemon is down. */
  void extendBehindItsBack(RegisterId register) throws Exception {
    stop();
    try (EmulatorBackend other = EmulatorBackend.open(EmulatorProfile.TDX, registers())) {
      other.extend(register, foreign());
    }
    start();
  }

  static DigestSet foreign() {
    return new Hasher().hash(List.of(HashAlgorithm.SHA384), Bytes.fromHex("f00d"));
  }

  static ExtendRequest event(RegisterId register, String content) {
    return event(register, content, null);
  }

  static ExtendRequest event(RegisterId register, String content, @Nullable String key) {
    return new ExtendRequest(
        register,
        new AaelEvent("test", "op", content).toPcClientEvent(),
        Optional.empty(),
        Optional.ofNullable(key));
  }

  Receipt extend(RegisterId register, String content) throws Exception {
    return get(log.extend(event(register, content)));
  }

  Receipt extend(RegisterId register, String content, String key) throws Exception {
    return get(log.extend(event(register, content, key)));
  }

  /** Sends all at once, so that they share a batch; returns receipts and refusals in order. */
  List<Object> extendTogether(RegisterId register, int count) throws Exception {
    emulator.inject(Fault.parse("on extend 1: delay 30ms")); // the first holds the others up
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      futures.add(log.extend(event(register, "together " + i)));
    }
    List<Object> results = new ArrayList<>();
    for (CompletableFuture<Receipt> future : futures) {
      try {
        results.add(get(future));
      } catch (ExtendException e) {
        results.add(e.reason());
      }
    }
    return results;
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ExtendException refused) {
        throw refused;
      }
      throw e;
    }
  }

  RegisterStatus status(RegisterId register) throws Exception {
    return get(log.registers()).stream()
        .filter(status -> status.descriptor().id().equals(register))
        .findFirst()
        .orElseThrow();
  }

  List<EventRecord> records() throws Exception {
    List<EventRecord> records = new ArrayList<>();
    try (LogSnapshot snapshot = log.snapshot();
        EventReader reader = snapshot.read(0)) {
      for (EventRecord r = reader.next(); r != null; r = reader.next()) {
        records.add(r);
      }
    }
    return records;
  }

  /** Returns the contents of the AAEL events of {@code register}, in log order. */
  List<String> contents(RegisterId register) throws Exception {
    List<String> contents = new ArrayList<>();
    for (EventRecord record : records()) {
      if (record.register().equals(register)
          && record.content() instanceof dev.cairn.eventlog.PcClientEvent event) {
        AaelEvent.parse(event).ifPresent(aael -> contents.add(aael.content()));
      }
    }
    return contents;
  }

  /**
   * Replays the committed log without any code of the service and compares it with the register.
   */
  void assertLogReplaysToTheRegister(RegisterId register) throws Exception {
    Hasher hasher = new Hasher();
    DigestSet value = DigestSet.filled(List.of(HashAlgorithm.SHA384), 0);
    for (EventRecord record : records()) {
      if (record.register().equals(register) && record.content().measured()) {
        value = hasher.extend(value, record.digests());
      }
    }
    assertThat(emulator.read(register)).isEqualTo(value);
  }

  static String bytes(int length) {
    return new String(new byte[length], StandardCharsets.US_ASCII).replace('\0', 'x');
  }

  @Override
  public void close() {
    log.close();
  }
}
