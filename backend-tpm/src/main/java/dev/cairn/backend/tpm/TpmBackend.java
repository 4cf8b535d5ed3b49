package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.command.ResponseCode;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.command.TpmClock;
import dev.cairn.backend.tpm.command.TpmException;
import dev.cairn.backend.tpm.command.TpmProperties;
import dev.cairn.backend.tpm.quote.TpmQuoteSource;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PCRs of a TPM 2.0. Those that Cairn owns by configuration can be extended, always in all
 * active banks with one command; the others are shown with the reason why not.
 *
 * <p>A lost response gives UNKNOWN and a new connection: the next read decides. What a busy TPM has
 * not executed is sent again for some seconds. One thread, which is never interrupted.
 */
public final class TpmBackend implements MeasurementBackend {
  static final String NAME = "tpm";
  private static final Logger LOG = LoggerFactory.getLogger(TpmBackend.class);

  private final Tpm tpm;
  private final TpmProperties properties;
  private final List<RegisterDescriptor> registers;
  private final @Nullable RegisterDescriptor[] byPcr = new RegisterDescriptor[Integer.SIZE];
  private final Optional<TpmQuoteSource> quotes;
  private final List<KernelLog> logs;
  private final Path bootId;

  private TpmBackend(
      Tpm tpm,
      TpmProperties properties,
      List<RegisterDescriptor> registers,
      Optional<TpmQuoteSource> quotes,
      List<KernelLog> logs,
      Path bootId) {
    this.tpm = tpm;
    this.properties = properties;
    this.registers = registers;
    this.quotes = quotes;
    this.logs = logs;
    this.bootId = bootId;
    for (RegisterDescriptor register : registers) {
      byPcr[(int) register.id().index()] = register;
    }
  }

  /**
   * Opens it, and makes sure that the registers it owns can be extended. A key that cannot be used
   * is reported; it prevents quotes, not extends.
   *
   * @param tpm is taken over
   * @param keys likewise; another connection to the same TPM where a resource manager keeps them
   *     apart, else the same
   * @param bare nobody else starts this TPM up: Startup(CLEAR) if that has not been done
   * @throws BackendException NOT_EXECUTED with the reason if it cannot be used like this
   */
  static TpmBackend open(Tpm tpm, Tpm keys, TpmSettings settings, boolean bare)
      throws BackendException {
    boolean opened = false;
    try {
      if (bare) {
        startUp(tpm);
      }
      PcrTable table = new PcrTable(tpm.allocation(), tpm.pcrAttributes());
      List<RegisterDescriptor> registers =
          table.registers(settings.owned(), settings.allowResettable());
      TpmProperties properties = tpm.properties();
      Optional<TpmQuoteSource> quotes =
          settings
              .key()
              .map(key -> new TpmQuoteSource(tpm, keys, key, registers, longestDigest(properties)));
      TpmBackend backend =
          new TpmBackend(tpm, properties, registers, quotes, settings.logs(), settings.bootId());
      backend.requireReadable();
      backend.life();
      backend.warn();
      backend.loadKey();
      opened = true;
      return backend;
    } catch (TpmException e) {
      throw new BackendException(null, Outcome.NOT_EXECUTED, "open", tpm.address(), e);
    } finally {
      if (!opened) {
        keys.close();
        tpm.close();
      }
    }
  }

  private static void startUp(Tpm tpm) throws TpmException {
    try {
      tpm.readClock();
    } catch (TpmException e) {
      if (!e.is(ResponseCode.INITIALIZE)) {
        throw e;
      }
      LOG.info("{}: not started up yet: Startup(CLEAR), its PCRs begin anew", tpm.address());
      tpm.startupClear();
    }
  }

  /**
   * An extend of a bank that is not allocated succeeds and does nothing, so the list of banks is
   * checked against what can be read.
   */
  private void requireReadable() throws BackendException {
    for (RegisterDescriptor register : registers) {
      if (register.notExtendable().isEmpty()) {
        read(register.id());
      }
    }
  }

  /** Now, because making an RSA key may keep a chip busy for a minute. */
  private void loadKey() {
    if (quotes.isPresent()) {
      try {
        quotes.get().loadKey();
      } catch (BackendException e) {
        LOG.warn("no quotes as things are: {}", e.getMessage());
      }
    }
  }

  private static long longestDigest(TpmProperties properties) {
    return properties.largestDigestBytes().orElse(HashAlgorithm.SHA256.sizeBytes());
  }

  private void warn() {
    for (RegisterDescriptor register : registers) {
      if (register.notExtendable().isEmpty()) {
        LOG.info(
            "{} is extended by Cairn; by convention it belongs to {}: whoever else extends it from now on makes it DIVERGED",
            register.id(),
            PcrConvention.userOf((int) register.id().index()));
        if (register.resettable()) {
          LOG.warn("{} can be reset by software: for development only", register.id());
        }
      }
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "TPM 2.0 at %s, %s %s, firmware 0x%x, banks %s"
        .formatted(
            tpm.address(),
            properties.manufacturer(),
            properties.vendor(),
            properties.firmwareVersion(),
            registers.stream()
                .flatMap(register -> register.banks().stream())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .map(HashAlgorithm::bank)
                .collect(Collectors.joining(", ")));
  }

  @Override
  public List<RegisterDescriptor> registers() {
    return registers;
  }

  @Override
  public RegisterLife life() throws BackendException {
    try {
      TpmClock clock = tpm.readClock();
      return new RegisterLife(
          BootId.read(bootId),
          OptionalLong.of(clock.resetCount()),
          OptionalLong.of(clock.restartCount()));
    } catch (TpmException e) {
      throw failure(null, "life", e);
    }
  }

  @Override
  public DigestSet read(RegisterId register) throws BackendException {
    RegisterDescriptor descriptor = require(register, "read");
    try {
      return tpm.read((int) register.index(), descriptor.banks());
    } catch (TpmException e) {
      throw failure(register, "read", e);
    }
  }

  @Override
  public void extend(RegisterId register, DigestSet digests) throws BackendException {
    RegisterDescriptor descriptor = require(register, "extend");
    if (descriptor.notExtendable().isPresent()) {
      throw refusal(register, "extend", descriptor.notExtendable().get());
    }
    if (!isOfExactly(digests, descriptor.banks())) {
      throw refusal(
          register,
          "extend",
          "digests of %s, needs exactly %s".formatted(digests.banks(), descriptor.banks()));
    }
    try {
      tpm.extend((int) register.index(), digests);
    } catch (TpmException e) {
      throw failure(register, "extend", e);
    }
  }

  @Override
  public List<ForeignLog> foreignLogs() {
    return List.copyOf(logs);
  }

  @Override
  public Optional<QuoteSource> quotes() {
    return quotes.map(source -> source);
  }

  @Override
  public void close() {
    quotes.ifPresent(TpmQuoteSource::close);
    tpm.close();
  }

  private static boolean isOfExactly(DigestSet digests, List<HashAlgorithm> banks) {
    boolean exactly = digests.size() == banks.size();
    for (int i = 0; exactly && i < banks.size(); i++) {
      exactly = digests.at(i).algorithm() == banks.get(i);
    }
    return exactly;
  }

  private RegisterDescriptor require(RegisterId register, String what) throws BackendException {
    RegisterDescriptor found =
        register.kind() == RegisterId.Kind.PCR && register.index() < byPcr.length
            ? byPcr[(int) register.index()]
            : null;
    if (found == null) {
      throw refusal(register, what, "the TPM at %s has no such PCR".formatted(tpm.address()));
    }
    return found;
  }

  private static BackendException refusal(RegisterId register, String what, String why) {
    return new BackendException(register, Outcome.NOT_EXECUTED, what, why, null);
  }

  private BackendException failure(@Nullable RegisterId register, String what, TpmException e) {
    return new BackendException(register, e.outcome(), what, tpm.address(), e);
  }
}
