package dev.cairn.service;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.StartValueEvent;
import dev.cairn.foreign.ForeignExtends;
import dev.cairn.foreign.StartOrigins;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
 * somebody else's log explains the rest                      take their records over, serve
 * anything else                                              gap record, DIVERGED: unexplained
 * </pre>
 *
 * Only registers that Cairn extends are compared: the others change as firmware, kernel and systemd
 * like, and their logs are elsewhere.
 *
 * <p>The first row comes first: after a reboot V is the start value, and the second row would take
 * a whole log for one that was never extended. {@link Resumption} does the others.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final String NOT_OURS = "extended by others";

  private final LogStore store;
  private final MeasurementBackend backend;
  private final MeasuredLogOptions options;
  private final Clock clock;
  private final ForeignExtends foreign;

  Recovery(LogStore store, MeasurementBackend backend, MeasuredLogOptions options, Clock clock) {
    this.store = store;
    this.backend = backend;
    this.options = options;
    this.clock = clock;
    this.foreign = new ForeignExtends(backend.foreignLogs());
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
      return resume(log, life, observed);
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
      if (!header.owned().contains(register.id())) {
        continue; // what it holds was never said to be of this epoch
      }
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
    Map<RegisterId, DigestSet> extended = new TreeMap<>();
    Set<RegisterId> owned = new TreeSet<>();
    for (RegisterDescriptor register : owned()) {
      owned.add(register.id());
      DigestSet value = valueOf(register, observed);
      if (!value.equals(register.resetValue())) {
        extended.put(register.id(), value);
      }
    }
    Map<RegisterId, String> origins = StartOrigins.explain(backend.foreignLogs(), extended);
    Map<RegisterId, StartValue> startValues = new TreeMap<>();
    List<EventRecord> records = new ArrayList<>();
    for (RegisterDescriptor register : backend.registers()) {
      DigestSet value = valueOf(register, observed);
      boolean reset = value.equals(register.resetValue());
      String origin = reset ? "reset value" : origins.getOrDefault(register.id(), NOT_OURS);
      startValues.put(register.id(), new StartValue(value, origin));
      if (origins.containsKey(register.id())) {
        LOG.info("{}: its first value is that of: {}", register.id(), origin);
        records.add(startRecord(register, value));
      }
    }
    EpochLog log =
        store.begin(new EpochHeader(backend.name(), life, clock.instant(), startValues, owned));
    LOG.info("epoch {} begins: {}", log.id(), reason);
    LogReplay replay = LogReplay.fromStart(observed);
    append(log, records, replay);
    return serve(log, replay);
  }

  private static DigestSet valueOf(
      RegisterDescriptor register, Map<RegisterId, DigestSet> observed) {
    return observed.getOrDefault(register.id(), DigestSet.EMPTY);
  }

  /** Appends and commits records that say nothing about extends. */
  private static void append(EpochLog log, List<EventRecord> records, LogReplay replay)
      throws IOException {
    if (records.isEmpty()) {
      return;
    }
    log.append(records);
    for (EventRecord record : records) {
      replay.next(record);
    }
    log.commit(log.endPosition());
  }

  private static EventRecord startRecord(RegisterDescriptor register, DigestSet value) {
    return new EventRecord(
        0,
        register.id(),
        DigestSet.filled(register.banks(), 0),
        new StartValueEvent(value).toPcClientEvent());
  }

  private Recovered resume(EpochLog log, RegisterLife life, Map<RegisterId, DigestSet> all)
      throws IOException {
    Resumption resumption = new Resumption(log, foreign);
    List<RegisterDescriptor> fresh = new ArrayList<>();
    Map<RegisterId, DigestSet> observed = new TreeMap<>();
    for (RegisterDescriptor register : owned()) {
      LogReplay.Point point = resumption.replay().at(register.id());
      boolean untouched = point != null && point.nextRecnum() == 0;
      if (untouched && !log.header().owned().contains(register.id())) {
        fresh.add(register);
      } else {
        observed.put(register.id(), valueOf(register, all));
      }
    }
    Resumption.Done done = resumption.run(observed);
    Map<RegisterId, StartValue> newStarts = startOf(fresh, log, resumption.replay(), all);
    updateHeader(log, life, newStarts);
    Recovered recovered = serve(log, resumption.replay());
    recovered.tail.countForeign(done.foreign());
    if (done.foreign() > 0) {
      LOG.warn(
          "somebody else extended registers of ours while nobody looked: {} records of their logs explain it and are in the log now",
          done.foreign());
    }
    for (Map.Entry<RegisterId, String> unexplained : done.unexplained().entrySet()) {
      RegisterId register = unexplained.getKey();
      DigestSet value = observed.get(register);
      if (value != null) {
        String cause = causeOf(recovered.log, register, value);
        String tried = unexplained.getValue();
        recovered.tail.diverge(
            register, value, tried.isEmpty() ? cause : cause + " (" + tried + ")");
      }
    }
    return recovered;
  }

  /**
   * Begins to extend registers that belonged to others since the epoch began: their part of the log
   * begins with what they hold now.
   */
  private Map<RegisterId, StartValue> startOf(
      List<RegisterDescriptor> fresh,
      EpochLog log,
      LogReplay replay,
      Map<RegisterId, DigestSet> observed)
      throws IOException {
    Map<RegisterId, DigestSet> extended = new TreeMap<>();
    for (RegisterDescriptor register : fresh) {
      DigestSet value = valueOf(register, observed);
      if (!value.equals(register.resetValue())) {
        extended.put(register.id(), value);
      }
    }
    Map<RegisterId, String> origins = StartOrigins.explain(backend.foreignLogs(), extended);
    Map<RegisterId, StartValue> startValues = new TreeMap<>();
    List<EventRecord> records = new ArrayList<>();
    for (RegisterDescriptor register : fresh) {
      DigestSet value = valueOf(register, observed);
      String origin = origins.getOrDefault(register.id(), "reset value");
      LOG.info("{}: is ours from now on; its value is that of: {}", register.id(), origin);
      startValues.put(register.id(), new StartValue(value, origin));
      LogReplay.Point replayed = replay.at(register.id());
      if (origins.containsKey(register.id())
          || replayed == null
          || !replayed.value().equals(value)) {
        records.add(startRecord(register, value));
      }
    }
    append(log, records, replay);
    return startValues;
  }

  private void updateHeader(EpochLog log, RegisterLife life, Map<RegisterId, StartValue> newStarts)
      throws IOException {
    Set<RegisterId> owned = new TreeSet<>();
    owned().forEach(register -> owned.add(register.id()));
    EpochHeader before = log.header();
    EpochHeader now = before.withLife(life).withOwned(owned, newStarts);
    if (now.equals(before)) {
      return;
    }
    if (!before.life().equals(life)) {
      LOG.info("the machine was restarted and the registers kept their values (kexec, S3)");
    }
    log.updateHeader(now);
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
    return new Recovered(log, new Tail(log, receipts, options, tracks), foreign);
  }

  /**
   * What recovery ends with.
   *
   * @param log open, everything in it committed
   * @param tail every register OK, DIVERGED or OBSERVED
   * @param foreign knows how far the logs of others were read
   */
  record Recovered(EpochLog log, Tail tail, ForeignExtends foreign) {}
}
