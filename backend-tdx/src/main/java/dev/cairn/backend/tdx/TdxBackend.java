package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.kernel.InterfaceKind;
import dev.cairn.backend.tdx.kernel.KernelRegister;
import dev.cairn.backend.tdx.kernel.RegisterInterface;
import dev.cairn.backend.tdx.report.TdxQuoteSource;
import dev.cairn.backend.tdx.trace.KernelTrace;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.QuoteSource;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.measure.RegisterLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The measurement registers of a TDX guest, or of any other guest whose driver offers them to the
 * kernel's tsm-mr core: one bank each. Which of them Cairn extends is {@link Ownership}'s word, how
 * is the {@link RegisterInterface}'s.
 *
 * <p>The hardware counts no resets: the boot id is all that tells one life from the next.
 */
final class TdxBackend implements MeasurementBackend {
  static final String NAME = "tdx";

  private static final int MOST_BOOT_ID = 64; // a UUID has 36

  private final RegisterInterface kernel;
  private final Map<RegisterId, RegisterDescriptor> registers = new TreeMap<>();
  private final String description;
  private final List<ForeignLog> logs;
  private final QuoteSource quotes;
  private final @Nullable KernelTrace trace;
  private final Path bootId;
  private boolean closed;

  private TdxBackend(RegisterInterface kernel, String description, TdxSettings settings) {
    this.kernel = kernel;
    this.description = description;
    this.quotes = new TdxQuoteSource(settings.paths().configfs());
    this.trace = trace(kernel, settings);
    List<ForeignLog> found = new ArrayList<>(KernelLog.all(settings));
    if (trace != null) {
      found.add(trace);
    }
    this.logs = List.copyOf(found);
    this.bootId = settings.bootId();
  }

  /** Only the core behind sysfs tells the kernel's trace of an extend. */
  private static @Nullable KernelTrace trace(RegisterInterface kernel, TdxSettings settings) {
    if (kernel.kind() != InterfaceKind.SYSFS || settings.trace().isEmpty()) {
      return null;
    }
    return KernelTrace.start(
        settings.paths().sysfs().resolve("kernel").resolve("tracing"), settings.trace().get());
  }

  /**
   * Makes one of {@code kernel}, which becomes its own unless that fails.
   *
   * @throws BackendException NOT_EXECUTED if a register that Cairn should extend cannot be
   */
  static TdxBackend open(RegisterInterface kernel, TdxSettings settings) throws BackendException {
    Ownership ownership = Ownership.claim(kernel, settings.registers());
    TdxBackend backend =
        new TdxBackend(
            kernel,
            "TDX registers by %s; extends %s".formatted(kernel.description(), ownership),
            settings);
    for (KernelRegister register : kernel.registers()) {
      backend.registers.put(register.id(), backend.descriptor(register, ownership));
    }
    backend.life(); // refuses now what would be refused later
    return backend;
  }

  private RegisterDescriptor descriptor(KernelRegister register, Ownership ownership)
      throws BackendException {
    List<HashAlgorithm> banks = List.of(register.algorithm());
    boolean fixed = register.id().equals(RegisterId.MRTD);
    return new RegisterDescriptor(
        register.id(),
        banks,
        fixed ? DigestSet.of(kernel.read(register.id())) : DigestSet.filled(banks, 0),
        ownership.notExtendable(register),
        false);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<RegisterDescriptor> registers() {
    return List.copyOf(registers.values());
  }

  @Override
  public RegisterLife life() throws BackendException {
    requireOpen("life");
    try {
      String text = Files.readString(bootId).strip();
      if (text.isEmpty() || text.length() > MOST_BOOT_ID) {
        throw new IOException(
            "%d characters, needs 1 to %d".formatted(text.length(), MOST_BOOT_ID));
      }
      return new RegisterLife(text, OptionalLong.empty(), OptionalLong.empty());
    } catch (IOException e) {
      throw new BackendException(
          null, Outcome.NOT_EXECUTED, "boot id", bootId + ": cannot be read", e);
    }
  }

  @Override
  public DigestSet read(RegisterId register) throws BackendException {
    return DigestSet.of(kernel.read(find(register, "read").id()));
  }

  @Override
  public void extend(RegisterId register, DigestSet digests) throws BackendException {
    RegisterDescriptor found = find(register, "extend");
    if (found.notExtendable().isPresent()) {
      throw refusal(register, "extend", found.notExtendable().get());
    }
    Digest digest = digests.size() == 1 ? digests.at(0) : null;
    if (digest == null || digest.algorithm() != found.banks().get(0)) {
      throw refusal(
          register,
          "extend",
          "digests of %s, needs exactly %s"
              .formatted(names(digests.banks()), names(found.banks())));
    }
    if (trace != null) {
      trace.beforeExtend();
    }
    kernel.extend(register, digest);
  }

  private RegisterDescriptor find(RegisterId register, String what) throws BackendException {
    if (closed) {
      throw refusal(register, what, "the backend is closed");
    }
    RegisterDescriptor found = registers.get(register);
    if (found == null) {
      throw refusal(register, what, "there is no such register, only " + registers.keySet());
    }
    return found;
  }

  private void requireOpen(String what) throws BackendException {
    if (closed) {
      throw new BackendException(null, Outcome.NOT_EXECUTED, what, "the backend is closed", null);
    }
  }

  @Override
  public Optional<QuoteSource> quotes() {
    return Optional.of(quotes);
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return logs;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      kernel.close();
    }
  }

  private static List<String> names(List<HashAlgorithm> banks) {
    List<String> names = new ArrayList<>();
    banks.forEach(bank -> names.add(bank.bank()));
    return names;
  }

  private static BackendException refusal(RegisterId register, String what, String why) {
    return new BackendException(register, Outcome.NOT_EXECUTED, what, why, null);
  }
}
