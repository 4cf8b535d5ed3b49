package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Measurement registers in a memory-mapped file. They survive the death of the process as those of
 * hardware do, and end with the machine: the first open after the machine below has been booted
 * finds a cold boot. An extend of all banks happens wholly or not at all, whenever the process is
 * killed.
 *
 * <p>Any thread; calls are serialised. An extend without faults takes the time of its hashes plus
 * less than a microsecond, and allocates nothing.
 *
 * @see EmulatorProfile for the registers and their rules
 */
public final class EmulatorBackend implements MeasurementBackend {
  static final String NAME = "emulator";

  private final EmulatorProfile profile;
  private final Path path;
  private final RegisterFile file;
  private final HashAlgorithm[] banks;
  private final Map<RegisterId, Integer> indexes = new HashMap<>();
  private final AtomicLongArray extendsApplied;
  private final ArmedFaults faults = new ArmedFaults();
  private final FaultTarget target = new Target();
  private final List<ForeignLog> foreignLogs;
  private boolean closed;

  private EmulatorBackend(
      EmulatorProfile profile, Path path, RegisterFile file, List<ForeignLog> foreignLogs) {
    this.foreignLogs = List.copyOf(foreignLogs);
    this.profile = profile;
    this.path = path;
    this.file = file;
    this.banks = profile.banks().toArray(HashAlgorithm[]::new);
    List<RegisterDescriptor> registers = profile.registers();
    for (int i = 0; i < registers.size(); i++) {
      indexes.put(registers.get(i).id(), i);
    }
    this.extendsApplied = new AtomicLongArray(registers.size());
  }

  /**
   * Opens the register file {@code registers}; makes it, with reset values, if there is none.
   *
   * @throws BackendException NOT_EXECUTED if the file is in use, of another profile, damaged or
   *     something else altogether, or cannot be made
   */
  public static EmulatorBackend open(EmulatorProfile profile, Path registers)
      throws BackendException {
    return new EmulatorBackend(
        profile, registers, RegisterFile.open(registers, profile), List.of());
  }

  /**
   * Does what {@link #open} does.
   *
   * @param firmwareLog plays the log of the firmware, in the format {@code tcg2}
   */
  public static EmulatorBackend openWithFirmwareLog(
      EmulatorProfile profile, Path registers, Path firmwareLog) throws BackendException {
    return new EmulatorBackend(
        profile,
        registers,
        RegisterFile.open(registers, profile),
        List.of(new PretendedLog(firmwareLog)));
  }

  /**
   * Reboots the machine that {@code registers} belong to, in one step, and returns the life that
   * begins.
   *
   * @throws BackendException NOT_EXECUTED if the file is not there, in use or damaged
   */
  public static RegisterLife reboot(Path registers, RebootKind kind) throws BackendException {
    try (RegisterFile file = RegisterFile.openExisting(registers)) {
      file.reboot(kind);
      return file.life().toRegisterLife();
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "software emulator, profile %s, registers in %s: measures nothing, protects nothing"
        .formatted(profile.profileName(), path);
  }

  /** Returns the profile it was opened with. */
  public EmulatorProfile profile() {
    return profile;
  }

  @Override
  public List<RegisterDescriptor> registers() {
    return profile.registers();
  }

  @Override
  public synchronized RegisterLife life() throws BackendException {
    if (closed) {
      throw new BackendException(null, Outcome.NOT_EXECUTED, "life", "emulator is closed", null);
    }
    return file.life().toRegisterLife();
  }

  @Override
  public synchronized DigestSet read(RegisterId register) throws BackendException {
    int index = indexOf(register, "read");
    if (faults.isEmpty()) {
      return file.read(index);
    }
    ArmedFaults.Incident incident = faults.incident(FaultTrigger.Operation.READ, register);
    incident.before(target);
    DigestSet value = file.read(index);
    incident.after(target);
    return value;
  }

  @Override
  public synchronized void extend(RegisterId register, DigestSet digests) throws BackendException {
    int index = extendable(register, digests);
    if (faults.isEmpty()) {
      apply(index, digests);
      return;
    }
    ArmedFaults.Incident incident = faults.incident(FaultTrigger.Operation.EXTEND, register);
    incident.before(target);
    if (!incident.suppressesEffect()) {
      apply(index, digests);
    }
    incident.after(target);
  }

  /** Returns reports that nobody signs: they show how quotes are made, and prove nothing. */
  @Override
  public Optional<QuoteSource> quotes() {
    return Optional.of(new EmulatorQuotes(this));
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return foreignLogs;
  }

  /** Reads {@code registers} at one moment, as a quote does, in all banks. */
  synchronized SortedMap<RegisterId, DigestSet> readAtOnce(SortedSet<RegisterId> registers)
      throws BackendException {
    SortedMap<RegisterId, Integer> shown = new TreeMap<>();
    for (RegisterId register : registers) {
      shown.put(register, indexOf(register, "quote"));
    }
    ArmedFaults.Incident incident = faults.incidentOfQuote(registers);
    incident.before(target);
    SortedMap<RegisterId, DigestSet> values = new TreeMap<>();
    for (Map.Entry<RegisterId, Integer> each : shown.entrySet()) {
      values.put(each.getKey(), file.read(each.getValue()));
    }
    incident.after(target);
    return values;
  }

  /**
   * Puts a resettable register (PCR 16 and 23) back to its reset value, as TPM2_PCR_Reset does.
   *
   * @throws BackendException NOT_EXECUTED for every other register
   */
  public synchronized void reset(RegisterId register) throws BackendException {
    int index = indexOf(register, "reset");
    if (!profile.registers().get(index).resettable()) {
      throw refusal(
          register, "reset", "only pcr16 and pcr23 can be reset at locality 0; reboot instead");
    }
    file.reset(index);
  }

  /** Gives it one more fault, whose calls count from now. */
  public synchronized void inject(Fault fault) {
    Optional<String> objection = fault.objection(profile);
    if (objection.isPresent()) {
      throw new IllegalArgumentException("'%s': %s".formatted(fault, objection.get()));
    }
    faults.add(fault);
  }

  /** Returns the faults that have not happened even once: at the end of a test, none. */
  public synchronized List<Fault> unusedFaults() {
    return faults.unused();
  }

  /**
   * Returns how many extends of {@code register} through this object had an effect, also if their
   * reply was lost; foreign ones do not count.
   *
   * @throws IllegalArgumentException if there is no such register
   */
  public long extendsApplied(RegisterId register) {
    Integer index = indexes.get(register);
    if (index == null) {
      throw new IllegalArgumentException(noSuch(register));
    }
    return extendsApplied.get(index);
  }

  @Override
  public synchronized void close() throws BackendException {
    if (!closed) {
      closed = true;
      file.close();
    }
  }

  private void apply(int index, DigestSet digests) throws BackendException {
    file.extend(index, digests);
    extendsApplied.lazySet(index, extendsApplied.get(index) + 1);
  }

  private int extendable(RegisterId register, DigestSet digests) throws BackendException {
    int index = indexOf(register, "extend");
    Optional<String> notExtendable = profile.registers().get(index).notExtendable();
    if (notExtendable.isPresent()) {
      throw refusal(register, "extend", notExtendable.get());
    }
    boolean exact = digests.size() == banks.length;
    for (int i = 0; exact && i < banks.length; i++) {
      exact = digests.at(i).algorithm() == banks[i];
    }
    if (!exact) {
      throw refusal(
          register,
          "extend",
          "digests of %s, needs exactly %s"
              .formatted(names(digests.banks()), names(profile.banks())));
    }
    return index;
  }

  private int indexOf(RegisterId register, String what) throws BackendException {
    if (closed) {
      throw refusal(register, what, "emulator is closed");
    }
    Integer index = indexes.get(register);
    if (index == null) {
      throw refusal(register, what, noSuch(register));
    }
    return index;
  }

  private String noSuch(RegisterId register) {
    List<RegisterDescriptor> registers = profile.registers();
    return "profile %s has no %s, only %s to %s"
        .formatted(
            profile.profileName(),
            register,
            registers.get(0).id(),
            registers.get(registers.size() - 1).id());
  }

  private static List<String> names(List<HashAlgorithm> banks) {
    return banks.stream().map(HashAlgorithm::bank).toList();
  }

  private static BackendException refusal(RegisterId register, String what, String why) {
    return new BackendException(register, Outcome.NOT_EXECUTED, what, why, null);
  }

  /** What faults do behind the caller's back; called with the lock held. */
  private final class Target implements FaultTarget {
    @Override
    public EmulatorProfile profile() {
      return profile;
    }

    @Override
    public void foreignExtend(RegisterId register, DigestSet digests) throws BackendException {
      file.extend(indexOf(register, "extend"), digests);
    }

    @Override
    public void forceReset(Optional<RegisterId> register) {
      for (Map.Entry<RegisterId, Integer> each : indexes.entrySet()) {
        if (register.isEmpty() || register.get().equals(each.getKey())) {
          file.reset(each.getValue());
        }
      }
    }
  }
}
