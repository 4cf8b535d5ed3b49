package dev.cairn.backend.tpm;

import dev.cairn.backend.tpm.TpmSettings.Place;
import dev.cairn.backend.tpm.command.Tpm;
import dev.cairn.backend.tpm.quote.KeySetting;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.MeasurementBackend;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Opens a TPM from settings. All may be left out.
 *
 * <pre>
 * tpm               device:PATH, unix:PATH, tcp:HOST:PORT: a TPM that takes commands; else /dev/tpmrm0
 *                   or /dev/tpm0, the first that is there. sysfs:/sys/class/tpm/tpm0: what the kernel
 *                   shows of one, for reading only
 * registers         PCRs that Cairn extends, separated by commas, or none; else pcr14
 * allow-resettable  true: they may be ones that software can reset; else false
 * attestation-key   what signs quotes: ecc, rsa, handle:0x81……, azure, gcp-ecc, gcp-rsa, or none;
 *                   else ecc ({@link KeySetting})
 * device-timeout    milliseconds to wait for a response; else 10000
 * sysfs-root        root of sysfs, for the logs of firmware and IMA below kernel/security; else /sys
 * systemd-log       log of systemd's measurements; else /run/log/systemd/tpm2-measure.log
 * boot-id           file with the kernel's boot id; else /proc/sys/kernel/random/boot_id
 * </pre>
 *
 * <p>The kernel's logs are about the kernel's TPM: with an address of a socket they are used only
 * where they are named.
 */
public final class TpmProvider implements BackendProvider {
  private final Path dev;

  /** For the service loader. */
  public TpmProvider() {
    this(Path.of("/dev"));
  }

  /** Looks for device nodes in {@code dev}. */
  TpmProvider(Path dev) {
    this.dev = dev;
  }

  @Override
  public String name() {
    return TpmBackend.NAME;
  }

  @Override
  public Set<String> settings() {
    return TpmSettings.KEYS;
  }

  @Override
  public MeasurementBackend open(Map<String, String> texts) throws BackendException {
    TpmSettings settings = TpmSettings.of(texts, dev);
    if (settings.place() instanceof Place.Commands commands) {
      Tpm tpm = new Tpm(commands.address().connector(), settings.timeout());
      Tpm keys =
          commands.hasResourceManager()
              ? new Tpm(commands.address().connector(), settings.timeout())
              : tpm;
      return TpmBackend.open(tpm, keys, settings, commands.isBare());
    }
    Place.Sysfs sysfs = (Place.Sysfs) settings.place();
    return SysfsBackend.open(sysfs.folder(), settings);
  }
}
