package dev.cairn.backend.tdx;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.MeasurementBackend;
import java.util.HashMap;
import java.util.Map;

/** Opens the backend as a user does: from settings. */
final class Opened {
  private Opened() {}

  /** Opens it on {@code kernel}, with further settings: key, value, key, value, … */
  static MeasurementBackend on(EmulatedKernel kernel, String... more) throws BackendException {
    Map<String, String> settings = new HashMap<>();
    settings.put("sysfs-root", kernel.sysfs().toString());
    settings.put("configfs-root", kernel.configfs().toString());
    settings.put("tdx.device", kernel.guestDevice().toString());
    settings.put("boot-id", kernel.procfs().resolve("sys/kernel/random/boot_id").toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return new TdxProvider().open(settings);
  }
}
