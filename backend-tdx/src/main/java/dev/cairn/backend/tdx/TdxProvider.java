package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.kernel.InterfaceProbe;
import dev.cairn.backend.tdx.kernel.RegisterInterface;
import dev.cairn.backend.tdx.kernel.RegisterInterfaces;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.MeasurementBackend;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Opens the registers of a TDX guest from settings. All may be left out.
 *
 * <pre>
 * registers      what Cairn extends, separated by commas, or none; else rtmr2,rtmr3
 * tdx.interface  sysfs, configfs or tdreport; else the first of them that is there
 * tdx.provider   misc device in sysfs; else tdx_guest, or the only one that has registers
 * tdx.device     device node of the TDX guest driver; else /dev/tdx_guest
 * sysfs-root     root of sysfs, also for the logs of firmware and IMA; else /sys
 * configfs-root  root of configfs; else /sys/kernel/config
 * systemd-log    log of systemd's measurements; else /run/log/systemd/cc-measure.log
 * tdx.trace      instance of tracefs that shows extends of others, or none; else cairn
 * boot-id        file with the kernel's boot id; else /proc/sys/kernel/random/boot_id
 * </pre>
 */
public final class TdxProvider implements BackendProvider {
  @Override
  public String name() {
    return TdxBackend.NAME;
  }

  @Override
  public Set<String> settings() {
    return TdxSettings.KEYS;
  }

  @Override
  public MeasurementBackend open(Map<String, String> texts) throws BackendException {
    TdxSettings settings = TdxSettings.of(texts);
    RegisterInterface registers =
        RegisterInterfaces.open(settings.paths(), settings.kind(), settings.provider());
    try {
      return TdxBackend.open(registers, settings);
    } catch (BackendException e) {
      registers.close();
      throw e;
    }
  }

  /**
   * Looks which interfaces the kernel offers, best first, and which of them would be used. Changes
   * nothing.
   *
   * @throws BackendException NOT_EXECUTED if a setting is wrong
   */
  public static List<InterfaceProbe> look(Map<String, String> texts) throws BackendException {
    TdxSettings settings = TdxSettings.of(texts);
    return RegisterInterfaces.probe(settings.paths(), settings.kind());
  }
}
