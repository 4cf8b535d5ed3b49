package dev.cairn.replay;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.LogFormat;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Replays logs, one after the other, as one history of the registers: {@code new = H(old ‖ digest)}
 * per register and bank, from the values that the registers start with. Judges every record and
 * every record number on the way. Memory does not grow with the logs. For one use and one thread.
 *
 * @see "TCG PC Client Platform Firmware Profile 1.06, 10.4; TCG CEL 1.1, 4.2"
 */
public final class Replayer {
  private final Limits limits;
  private final Derivation derivation;
  private final RegisterValues expected;
  private final Set<RegisterId> remembered;
  private final Hashes hashes = new Hashes();
  private final RecordJudge judge = new RecordJudge(hashes);
  private final RecnumCheck recnums = new RecnumCheck();
  private final Findings findings = new Findings();
  private final FirmwareEvents firmware = new FirmwareEvents(findings);
  private final Place place = new Place();
  private final Map<RegisterId, RegisterReplay> registers = new HashMap<>();
  private final VerdictTally verdicts = new VerdictTally();

  private @Nullable LogFormat firstFormat;
  private @Nullable LogDamage damage;
  private @Nullable RegisterReplay last;
  private boolean numbered;
  private long records;
  private long notExtended;

  /** Makes a replayer that derives SHA-256 for IMA lists of SHA-1 digests. */
  public Replayer(Limits limits) {
    this(limits, Derivation.DEFAULT, RegisterValues.EMPTY, Set.of());
  }

  /**
   * Makes a replayer for a comparison.
   *
   * @param expected values to look out for: chains know when they had them
   * @param remembered registers whose extends are kept, see {@link History}
   */
  Replayer(
      Limits limits, Derivation derivation, RegisterValues expected, Set<RegisterId> remembered) {
    this.remembered = Set.copyOf(remembered);
    this.limits = limits;
    this.derivation = derivation;
    this.expected = expected;
  }

  /**
   * Replays {@code logs} in their order.
   *
   * @throws IOException if a log cannot be opened or read; damage is no exception but part of the
   *     result
   */
  public static Replay replay(List<LogSource> logs, Limits limits) throws IOException {
    Replayer replayer = new Replayer(limits);
    replayer.readAll(logs);
    return replayer.result();
  }

  /** Reads all of {@code logs}, or until the first damage. */
  void readAll(List<LogSource> logs) throws IOException {
    for (LogSource log : logs) {
      try (EventReader reader = log.open()) {
        if (!read(log.name(), reader)) {
          return;
        }
      }
    }
  }

  /**
   * Replays all that {@code reader} yields.
   *
   * @return whether the log ended where its format says; if not, its whole records are replayed and
   *     {@link Replay#damage()} says where it broke off
   * @throws IOException if the log cannot be read
   */
  public boolean read(String log, EventReader reader) throws IOException {
    begin(log, reader.format());
    try {
      for (EventRecord record = reader.next(); record != null; record = reader.next()) {
        accept(record, reader.recordOffset());
      }
      return true;
    } catch (MalformedLogException e) {
      damage = new LogDamage(log, e.offset(), e.reason());
      return false;
    } finally {
      end();
    }
  }

  private void begin(String log, LogFormat format) {
    firstFormat = firstFormat == null ? format : firstFormat;
    numbered =
        switch (format) {
          case CEL_TLV, CEL_JSON, CEL_JSON_SEQ, CEL_CBOR, CEL_CBOR_SEQ -> true;
          default -> false;
        };
    place.begin(log);
    recnums.begin();
    registers.values().forEach(RegisterReplay::beginLog);
  }

  private void end() {
    if (numbered) {
      findings.addAll(recnums.end());
    }
  }

  private void accept(EventRecord record, long offset) throws MalformedLogException {
    records++;
    place.moveTo(record, offset);
    RegisterReplay register = register(record.register(), offset);
    if (numbered) {
      recnums.accept(record.recnum(), register.recnums(), place);
    }
    RecordVerdict verdict = judge.judge(record);
    verdicts.count(verdict.outcome());
    place.judged(verdict);
    if (verdict.outcome() == RecordVerdict.Outcome.MISMATCH) {
      findings.add(new Finding(Finding.Kind.DIGEST_MISMATCH, place.ref(), describe(verdict)));
    }
    if (!record.content().measured()) {
      notExtended++;
      if (record.content() instanceof PcClientEvent event) {
        firmware.noAction(event, register, place);
      }
    } else if (record.content() instanceof ImaTemplate template) {
      register.extendIma(record, template, place);
    } else {
      if (record.content() instanceof PcClientEvent event) {
        firmware.beforeExtend(event, register, place);
      }
      register.extend(record, place);
    }
  }

  private static String describe(RecordVerdict verdict) {
    return verdict.mismatched().isEmpty()
        ? verdict.reason()
        : "%s digest is wrong: %s"
            .formatted(RecordJudge.names(new TreeSet<>(verdict.mismatched())), verdict.reason());
  }

  private RegisterReplay register(RegisterId id, long offset) throws MalformedLogException {
    RegisterReplay register = last;
    if (register != null && register.id().equals(id)) {
      return register;
    }
    register = registers.get(id);
    if (register == null) {
      if (registers.size() == limits.maxRegisters()) {
        throw new MalformedLogException(
            firstFormat == null ? LogFormat.CEL_TLV : firstFormat,
            offset,
            "%s: more than %d registers".formatted(id, limits.maxRegisters()));
      }
      register =
          new RegisterReplay(
              id,
              hashes,
              derivation,
              expected.asMap().getOrDefault(id, DigestSet.EMPTY),
              remembered.contains(id));
      registers.put(id, register);
    }
    last = register;
    return register;
  }

  /** Returns the replay of {@code id}, or null if no record names it. */
  @Nullable RegisterReplay find(RegisterId id) {
    return registers.get(id);
  }

  /** Returns the registers that at least one record extends. */
  Set<RegisterId> extendedRegisters() {
    Set<RegisterId> extended = new TreeSet<>();
    for (RegisterReplay register : registers.values()) {
      if (register.extended() > 0) {
        extended.add(register.id());
      }
    }
    return extended;
  }

  /** Returns what the logs replayed to. */
  public Replay result() {
    Map<RegisterId, DigestSet> values = new TreeMap<>();
    Map<RegisterId, Set<HashAlgorithm>> derived = new HashMap<>();
    List<Replay.Uncovered> uncovered = new ArrayList<>();
    Map<RegisterId, Unproven> unproven = new HashMap<>();
    for (RegisterReplay register : new TreeMap<>(registers).values()) {
      Unproven reason = register.unproven();
      if (reason != null) {
        unproven.put(register.id(), reason);
      }
      if (register.extended() > 0) {
        collect(register, values, derived, uncovered);
      }
    }
    return new Replay(
        Optional.ofNullable(firstFormat),
        RegisterValues.of(values),
        derived,
        uncovered,
        unproven,
        records,
        notExtended,
        Optional.ofNullable(damage),
        verdicts.counts(),
        findings.first(),
        findings.count());
  }

  private static void collect(
      RegisterReplay register,
      Map<RegisterId, DigestSet> values,
      Map<RegisterId, Set<HashAlgorithm>> derived,
      List<Replay.Uncovered> uncovered) {
    List<Digest> digests = new ArrayList<>();
    Set<HashAlgorithm> derivedBanks = new TreeSet<>();
    for (HashAlgorithm bank : register.banks()) {
      RecordRef lacking = register.lacking(bank);
      if (lacking != null) {
        uncovered.add(new Replay.Uncovered(register.id(), bank, lacking));
      }
      if (!register.isDerived(bank)) {
        if (register.isWhole(bank) && register.shown(bank).length() > 0) {
          digests.add(register.shown(bank).value());
        }
      } else if (lacking == null && !register.derived(bank).isEmpty()) {
        digests.add(register.derived(bank).get(0).own().value());
        derivedBanks.add(bank);
      }
    }
    values.put(register.id(), DigestSet.of(digests));
    if (!derivedBanks.isEmpty()) {
      derived.put(register.id(), derivedBanks);
    }
  }
}
