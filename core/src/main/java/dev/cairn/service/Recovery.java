package dev.cairn.service;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import dev.cairn.store.Checkpoint;
import dev.cairn.store.EpochHeader;
import dev.cairn.store.EpochLog;
import dev.cairn.store.LogStore;
import dev.cairn.store.StartValue;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings log and registers together at start. {@code V} is what a register holds now, {@code P(i)}
 * what the log replays to after record i, {@code m} the last record known to be confirmed.
 *
 * <pre>
 * found                                                      done
 * no epoch; reset count changed; or every V is its start     begin a new epoch; the old one stays
 *   value while the log goes on and the life changed           as an archive
 * V = P(j), j ≥ m                                            cut behind j, serve; same epoch
 * V = P(j), j &lt; m                                         gap record, DIVERGED: rolled back
 * anything else                                              gap record, DIVERGED: unexplained
 * </pre>
 *
 * Only registers that Cairn extends are compared: the others change as firmware, kernel and systemd
 * like, and their logs are elsewhere.
 *
 * <p>The first row comes first: after a reboot V is the start value, and the second row would take
 * a whole log for one that was never extended. The whole pass takes constant memory, and reads only
 * what lies behind the last checkpoint.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final LogStore store;
  private final MeasurementBackend backend;
  private final MeasuredLogOptions options;
  private final Clock clock;

  Recovery(LogStore store, MeasurementBackend backend, MeasuredLogOptions options, Clock clock) {
    this.store = store;
    this.backend = backend;
    this.options = options;
    this.clock = clock;
  }

  /**
   * Runs it.
   *
   * @return the log, open at a tail that the registers agree with
   * @throws BackendException if the device cannot be read
   * @throws IOException if the log cannot be read, is damaged, or belongs to other registers
   */
  Recovered run() throws IOException, BackendException {
    RegisterLife life = backend.life();
    Map<RegisterId, DigestSet> observed = new TreeMap<>();
    for (RegisterDescriptor register : backend.registers()) {
      observed.put(register.id(), backend.read(register.id()));
    }
    Optional<EpochLog> current = store.current();
    if (current.isEmpty()) {
      return begin(life, observed, "no log yet");
    }
    EpochLog log = current.get();
    try {
      requireSameRegisters(log.header());
      Optional<String> reboot = coldBoot(log, life, observed);
      if (reboot.isPresent()) {
        log.close();
        return begin(life, observed, reboot.get());
      }
      Recovered recovered = resume(log, observed);
      if (!log.header().life().equals(life)) {
        LOG.info("the machine was restarted and the registers kept their values (kexec, S3)");
        log.updateHeader(log.header().withLife(life));
      }
      return recovered;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private void requireSameRegisters(EpochHeader header) throws IOException {
    if (!header.backend().equals(backend.name())) {
      throw new IOException(
          "the state directory belongs to backend %s, this is %s: choose another directory"
              .formatted(header.backend(), backend.name()));
    }
    for (RegisterDescriptor register : backend.registers()) {
      StartValue start = header.startValues().get(register.id());
      if (start == null || !start.value().banks().equals(register.banks())) {
        throw new IOException(
            "%s: the log was begun with %s, the device has banks %s: choose another state directory"
                .formatted(
                    register.id(),
                    start == null ? "no such register" : "banks " + start.value().banks(),
                    register.banks()));
      }
    }
  }

  private Optional<String> coldBoot(
      EpochLog log, RegisterLife now, Map<RegisterId, DigestSet> observed) {
    EpochHeader header = log.header();
    RegisterLife then = header.life();
    if (now.resetCount().isPresent()
        && then.resetCount().isPresent()
        && now.resetCount().getAsLong() != then.resetCount().getAsLong()) {
      return Optional.of(
          "reset count went from %d to %d"
              .formatted(then.resetCount().getAsLong(), now.resetCount().getAsLong()));
    }
    if (now.equals(then)) {
      return Optional.empty();
    }
    for (RegisterDescriptor register : owned()) {
      StartValue start = header.startValues().get(register.id());
      DigestSet value = observed.getOrDefault(register.id(), DigestSet.EMPTY);
      boolean fresh =
          register.resetValue().equals(value) || (start != null && start.value().equals(value));
      if (!fresh) {
        return Optional.empty();
      }
    }
    return Optional.of("the machine was restarted and no register holds anything of this epoch");
  }

  private List<RegisterDescriptor> owned() {
    return backend.registers().stream().filter(r -> r.notExtendable().isEmpty()).toList();
  }

  private Recovered begin(RegisterLife life, Map<RegisterId, DigestSet> observed, String reason)
      throws IOException {
    Map<RegisterId, StartValue> startValues = new TreeMap<>();
    List<EventRecord> records = new ArrayList<>();
    for (RegisterDescriptor register : backend.registers()) {
      DigestSet value = observed.getOrDefault(register.id(), DigestSet.EMPTY);
      boolean reset = value.equals(register.resetValue());
      startValues.put(
          register.id(), new StartValue(value, reset ? "reset value" : "found at first start"));
      if (!reset && register.notExtendable().isEmpty()) {
        records.add(startRecord(register, value));
      }
    }
    EpochLog log = store.begin(new EpochHeader(backend.name(), life, clock.instant(), startValues));
    LOG.info("epoch {} begins: {}", log.id(), reason);
    LogReplay replay = LogReplay.fromStart(observed);
    if (!records.isEmpty()) {
      log.append(records);
      for (EventRecord record : records) {
        replay.next(record);
      }
      log.commit(log.endPosition());
    }
    return serve(log, replay);
  }

  private static EventRecord startRecord(RegisterDescriptor register, DigestSet value) {
    return new EventRecord(
        0,
        register.id(),
        DigestSet.filled(register.banks(), 0),
        new StartValueEvent(value).toPcClientEvent());
  }

  private Recovered resume(EpochLog log, Map<RegisterId, DigestSet> all) throws IOException {
    Map<RegisterId, DigestSet> observed = new TreeMap<>(all);
    observed.keySet().retainAll(owned().stream().map(RegisterDescriptor::id).toList());
    Start start = startOf(log);
    LogReplay atConfirmed = new LogReplay(start.points);
    long confirmed = Math.max(log.confirmedPosition(), start.position);
    replay(log, start.position, confirmed, atConfirmed);
    TailScan scan = new TailScan(confirmed, atConfirmed.values(), observed);
    readTail(log, confirmed, new LogReplay(atConfirmed.points()), scan);
    TailScan.Outcome outcome = scan.finish(confirmed);
    if (!outcome.unexplained().isEmpty()) {
      log.cutTornTail(); // refuses if the bytes may be damage, which would explain it
    }
    long unextended = log.endPosition() - outcome.cut();
    if (unextended > 0) {
      LOG.info("{} records at the end were never extended and are cut", unextended);
    }
    log.truncate(outcome.cut());
    replay(log, confirmed, outcome.cut(), atConfirmed);
    log.commit(outcome.cut());
    Recovered recovered = serve(log, atConfirmed);
    for (RegisterId register : outcome.unexplained()) {
      DigestSet value = observed.get(register);
      if (value != null) {
        recovered.tail.diverge(register, value, causeOf(recovered.log, register, value));
      }
    }
    return recovered;
  }

  /**
   * Reads the whole log once more to tell a register that was rolled back from one that was
   * extended.
   */
  private static String causeOf(EpochLog log, RegisterId register, DigestSet value)
      throws IOException {
    LogReplay replay = LogReplay.fromStart(CommittedLog.values(log.header().startValues()));
    LogReplay.Point start = replay.at(register);
    if (start != null && start.value().equals(value)) {
      return "reset to its start value";
    }
    try (EventReader reader = log.readTail(0)) {
      for (long position = 0; position < log.committedPosition(); position++) {
        EventRecord record = reader.next();
        if (record == null) {
          break;
        }
        if (replay.next(record).equals(value) && record.register().equals(register)) {
          return "rolled back to what it held after record " + record.recnum();
        }
      }
    }
    return "changed by somebody else";
  }

  /** Reads up to the last whole record; what may lie behind it was never extended. */
  private static void readTail(EpochLog log, long from, LogReplay ahead, TailScan scan)
      throws IOException {
    try (EventReader reader = log.readTail(from)) {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        scan.next(record.register(), ahead.next(record));
      }
    } catch (MalformedLogException e) {
      LOG.info("the log ends in a torn record, which is cut: {}", e.getMessage());
    }
  }

  /** Where the replay can begin: the newest checkpoint that is not ahead of what is confirmed. */
  private static Start startOf(EpochLog log) throws IOException {
    Optional<Checkpoint> checkpoint = log.lastCheckpoint(log.confirmedPosition());
    if (checkpoint.isPresent()) {
      Optional<Map<RegisterId, LogReplay.Point>> points =
          CheckpointPayload.decode(checkpoint.get().payload());
      if (points.isPresent()) {
        return new Start(checkpoint.get().position(), points.get());
      }
    }
    LogReplay fromStart = LogReplay.fromStart(CommittedLog.values(log.header().startValues()));
    return new Start(0, fromStart.points());
  }

  private static void replay(EpochLog log, long from, long to, LogReplay replay)
      throws IOException {
    if (from >= to) {
      return;
    }
    try (EventReader reader = log.readTail(from)) {
      for (long position = from; position < to; position++) {
        EventRecord record = reader.next();
        if (record == null) {
          throw new IOException(
              "the log ends at record %d, confirmed are %d: the file was cut by somebody else"
                  .formatted(position, to));
        }
        replay.next(record);
      }
    }
  }

  private Recovered serve(EpochLog log, LogReplay replay) throws IOException {
    Map<RegisterId, RegisterTrack> tracks = new TreeMap<>();
    for (RegisterDescriptor register : backend.registers()) {
      LogReplay.Point point = replay.at(register.id());
      if (point == null) {
        throw new IOException(
            register.id() + ": a checkpoint of the log lacks it; delete the .ckp files");
      }
      RegisterTrack track = new RegisterTrack(register, point);
      if (!track.isOwned()) {
        track.become(RegisterState.OBSERVED, null);
      } else if (point.gaps() > 0
          && options.onDivergence() == MeasuredLogOptions.OnDivergence.REFUSE) {
        track.become(RegisterState.DIVERGED, point.gaps() + " unexplained values in this epoch");
      } else {
        track.become(RegisterState.OK, null);
      }
      tracks.put(register.id(), track);
    }
    Receipts receipts = new Receipts(log);
    return new Recovered(log, new Tail(log, receipts, backend, options, tracks));
  }

  /**
   * What recovery ends with.
   *
   * @param log open, everything in it committed
   * @param tail every register OK or DIVERGED
   */
  record Recovered(EpochLog log, Tail tail) {}

  private record Start(long position, Map<RegisterId, LogReplay.Point> points) {}
}
