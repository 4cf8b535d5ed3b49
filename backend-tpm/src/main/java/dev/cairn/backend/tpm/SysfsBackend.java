package dev.cairn.backend.tpm;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * PCRs as the kernel shows them in sysfs, where this process may not open the device: values for
 * reading, nothing to extend. Used only when it is asked for by its address.
 *
 * <pre>
 * tpm_version_major   2
 * pcr-sha256/14       upper-case hexadecimal digits and a line feed; each read is one command
 * </pre>
 *
 * The banks of a register are read one after another: somebody else's extend may come between.
 *
 * @see "Linux Documentation/ABI/stable/sysfs-class-tpm; kernel 5.12 or newer"
 */
final class SysfsBackend implements MeasurementBackend {
  private static final int PCRS = 24; // the kernel always shows so many
  private static final int FIRST_DRTM = 17;
  private static final int LAST_DRTM = 22;
  private static final String READ_ONLY =
      "sysfs shows registers and extends none: name a device as 'tpm' to extend";

  private final Path folder;
  private final List<RegisterDescriptor> registers;
  private final TpmSettings settings;
  private boolean closed;

  private SysfsBackend(Path folder, List<HashAlgorithm> banks, TpmSettings settings) {
    this.folder = folder;
    this.settings = settings;
    List<RegisterDescriptor> all = new ArrayList<>();
    for (int pcr = 0; pcr < PCRS; pcr++) {
      int filler = pcr >= FIRST_DRTM && pcr <= LAST_DRTM ? 0xFF : 0x00;
      all.add(
          new RegisterDescriptor(
              RegisterId.pcr(pcr),
              banks,
              DigestSet.filled(banks, filler),
              Optional.of(READ_ONLY),
              pcr == 16 || pcr == 23));
    }
    this.registers = List.copyOf(all);
  }

  /**
   * Opens it.
   *
   * @param folder /sys/class/tpm/tpm0
   * @throws BackendException NOT_EXECUTED if it shows no PCRs of a TPM 2.0
   */
  static SysfsBackend open(Path folder, TpmSettings settings) throws BackendException {
    String version = text(folder.resolve("tpm_version_major"), null, "open");
    if (!version.equals("2")) {
      throw refusal(null, "open", "%s: a TPM of version %s, needs 2".formatted(folder, version));
    }
    List<HashAlgorithm> banks = new ArrayList<>();
    for (HashAlgorithm bank : HashAlgorithm.values()) {
      if (Files.isDirectory(folder.resolve(directory(bank)))) {
        banks.add(bank);
      }
    }
    if (banks.isEmpty()) {
      throw refusal(
          null, "open", folder + ": no pcr-… folders: needs kernel 5.12 or newer, or a device");
    }
    SysfsBackend backend = new SysfsBackend(folder, banks, settings);
    backend.life();
    return backend;
  }

  private static String directory(HashAlgorithm bank) {
    return "pcr-" + (bank == HashAlgorithm.SM3_256 ? "sm3" : bank.bank());
  }

  @Override
  public String name() {
    return TpmBackend.NAME;
  }

  @Override
  public String description() {
    return "PCRs as shown in %s, for reading only".formatted(folder);
  }

  @Override
  public List<RegisterDescriptor> registers() {
    return registers;
  }

  @Override
  public RegisterLife life() throws BackendException {
    requireOpen(null, "life");
    return new RegisterLife(
        BootId.read(settings.bootId()), OptionalLong.empty(), OptionalLong.empty());
  }

  @Override
  public DigestSet read(RegisterId register) throws BackendException {
    requireOpen(register, "read");
    List<Digest> values = new ArrayList<>();
    for (HashAlgorithm bank : require(register, "read").banks()) {
      Path file = folder.resolve(directory(bank)).resolve(Long.toString(register.index()));
      String hex = text(file, register, "read");
      try {
        values.add(new Digest(bank, Bytes.fromHex(hex)));
      } catch (IllegalArgumentException e) {
        throw new BackendException(
            register, Outcome.NOT_EXECUTED, "read", "%s: '%s'".formatted(file, hex), e);
      }
    }
    return DigestSet.of(values);
  }

  @Override
  public void extend(RegisterId register, DigestSet digests) throws BackendException {
    requireOpen(register, "extend");
    require(register, "extend");
    throw refusal(register, "extend", READ_ONLY);
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return List.copyOf(settings.logs());
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen(@Nullable RegisterId register, String what) throws BackendException {
    if (closed) {
      throw refusal(register, what, "the backend is closed");
    }
  }

  private RegisterDescriptor require(RegisterId register, String what) throws BackendException {
    if (register.kind() != RegisterId.Kind.PCR || register.index() >= PCRS) {
      throw refusal(register, what, "%s shows no such PCR".formatted(folder));
    }
    return registers.get((int) register.index());
  }

  private static String text(Path file, @Nullable RegisterId register, String what)
      throws BackendException {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new BackendException(
          register, Outcome.NOT_EXECUTED, what, file + ": cannot be read", e);
    }
  }

  private static BackendException refusal(@Nullable RegisterId register, String what, String why) {
    return new BackendException(register, Outcome.NOT_EXECUTED, what, why, null);
  }
}
