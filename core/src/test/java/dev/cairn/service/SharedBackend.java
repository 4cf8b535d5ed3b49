package dev.cairn.service;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.foreign.FakeLog;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The emulator, whose registers somebody else extends too, and mostly keeps a log of it. */
final class SharedBackend implements MeasurementBackend {
  private final EmulatorBackend emulator;
  private final List<ForeignLog> logs;
  private final FakeLog log;
  private final Set<RegisterId> notOurs;
  private final Hasher hasher = new Hasher();
  private final Map<Integer, List<Foreign>> beforeExtend = new HashMap<>();
  private int count; // extends of ours so far

  /** An extend of somebody else. */
  record Foreign(RegisterId register, String text, boolean logged) {}

  SharedBackend(EmulatorBackend emulator, FakeLog log, Set<RegisterId> notOurs) {
    this.emulator = emulator;
    this.log = log;
    this.logs = List.of(log);
    this.notOurs = notOurs;
  }

  /** Extends now, and logs it. */
  synchronized void foreign(RegisterId register, String text) throws BackendException {
    run(new Foreign(register, text, true));
  }

  /** Extends just before the n-th extend of ours from now on, the next being 1. */
  synchronized void foreignBefore(int n, Foreign... foreign) {
    beforeExtend.computeIfAbsent(count + n, key -> new ArrayList<>()).addAll(List.of(foreign));
  }

  DigestSet digests(RegisterId register, String text) {
    return hasher.hash(banksOf(register), FakeLog.text(text));
  }

  private List<dev.cairn.measure.HashAlgorithm> banksOf(RegisterId register) {
    return emulator.registers().stream()
        .filter(descriptor -> descriptor.id().equals(register))
        .findFirst()
        .orElseThrow()
        .banks();
  }

  private void run(Foreign foreign) throws BackendException {
    DigestSet digests = digests(foreign.register, foreign.text);
    emulator.extend(foreign.register, digests);
    if (foreign.logged) {
      log.add(foreign.register, foreign.text, digests);
    }
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return logs;
  }

  @Override
  public List<RegisterDescriptor> registers() {
    return emulator.registers().stream()
        .map(
            descriptor ->
                notOurs.contains(descriptor.id())
                    ? new RegisterDescriptor(
                        descriptor.id(),
                        descriptor.banks(),
                        descriptor.resetValue(),
                        Optional.of("not configured"),
                        descriptor.resettable())
                    : descriptor)
        .toList();
  }

  @Override
  public Optional<QuoteSource> quotes() {
    return emulator.quotes();
  }

  @Override
  public String name() {
    return emulator.name();
  }

  @Override
  public String description() {
    return emulator.description();
  }

  @Override
  public RegisterLife life() throws BackendException {
    return emulator.life();
  }

  @Override
  public DigestSet read(RegisterId register) throws BackendException {
    return emulator.read(register);
  }

  @Override
  public synchronized void extend(RegisterId register, DigestSet digests) throws BackendException {
    List<Foreign> due = beforeExtend.remove(++count);
    if (due != null) {
      for (Foreign foreign : due) {
        run(foreign);
      }
    }
    emulator.extend(register, digests);
  }

  @Override
  public void close() throws BackendException {
    emulator.close();
  }
}
