package dev.cairn.backend.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.testing.FaultyConnector;
import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.backend.tpm.testing.Swtpm;
import dev.cairn.backend.tpm.transport.TpmAddress;
import dev.cairn.eventlog.AaelEvent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.ExtendException;
import dev.cairn.service.ExtendRequest;
import dev.cairn.service.LogSnapshot;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.MeasuredLogOptions;
import dev.cairn.service.Receipt;
import dev.cairn.service.RegisterState;
import dev.cairn.service.RegisterStatus;
import dev.cairn.store.LogStore;
import dev.cairn.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A measured log on swtpm, that can be stopped and started while the TPM is something else. */
final class TpmLogFixture implements AutoCloseable {
  static final RegisterId PCR14 = RegisterId.pcr(14);
  static final RegisterId PCR16 = RegisterId.pcr(16);
  private static final Duration TIMEOUT = Duration.ofMillis(250);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Path folder;
  Swtpm swtpm;
  FaultyConnector connector;
  MeasuredLog log;

  TpmLogFixture(Path folder) throws Exception {
    this.folder = folder;
    this.swtpm = Swtpm.start();
    newBoot("first");
    start();
  }

  /** The kernel says that it is another boot; what the TPM says is another matter. */
  void newBoot(String bootId) throws Exception {
    Files.writeString(folder.resolve("boot_id"), bootId + "\n");
  }

  void start() throws Exception {
    connector = new FaultyConnector(TpmAddress.parse(swtpm.address()).connector());
    TpmSettings settings =
        TpmSettings.of(
            Map.of(
                "tpm",
                swtpm.address(),
                "registers",
                "pcr14,pcr16",
                "allow-resettable",
                "true",
                "boot-id",
                folder.resolve("boot_id").toString()),
            folder);
    Tpm tpm = new Tpm(connector, TIMEOUT);
    TpmBackend backend = TpmBackend.open(tpm, tpm, settings, true);
    log =
        MeasuredLog.open(
            LogStore.open(folder.resolve("state"), StoreOptions.DEFAULT),
            backend,
            MeasuredLogOptions.DEFAULT);
  }

  void stop() {
    log.close();
  }

  /** What happens to the TPM while nothing is connected. */
  interface Event {
    void happen(Swtpm swtpm) throws Exception;
  }

  void whileStopped(Event event) throws Exception {
    stop();
    event.happen(swtpm);
    start();
  }

  String epoch() {
    return log.status().epoch();
  }

  Receipt extend(RegisterId register, String content) throws Exception {
    return get(send(register, content));
  }

  CompletableFuture<Receipt> send(RegisterId register, String content) {
    return log.extend(
        new ExtendRequest(
            register,
            new AaelEvent("test", "op", content).toPcClientEvent(),
            Optional.empty(),
            Optional.empty()));
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

  void await(RegisterId register, RegisterState state) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (status(register).state() != state) {
      assertThat(System.nanoTime()).as("waiting for " + state).isLessThan(deadline);
      Thread.sleep(20);
    }
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

  /** Returns the contents of our events in {@code register}, in log order. */
  List<String> contents(RegisterId register) throws Exception {
    List<String> contents = new ArrayList<>();
    for (EventRecord record : records()) {
      if (record.register().equals(register) && record.content() instanceof PcClientEvent event) {
        AaelEvent.parse(event).ifPresent(aael -> contents.add(aael.content()));
      }
    }
    return contents;
  }

  /** Stops, and compares with what another client reads; no code of the service replays. */
  void assertLogReplaysToTheRegister(RegisterId register) throws Exception {
    DigestSet value = status(register).descriptor().resetValue();
    for (EventRecord record : records()) {
      if (!record.register().equals(register)) {
        continue;
      }
      if (record.content().measured()) {
        value = new Hasher().extend(value, record.digests());
      } else if (record.content() instanceof PcClientEvent event) {
        value = StartValueEvent.parse(event).map(StartValueEvent::value).orElse(value);
      }
    }
    stop();
    try (RawTpm other = swtpm.connect()) {
      assertThat(other.read((int) register.index(), value.banks())).isEqualTo(value);
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
    swtpm.close();
  }
}
