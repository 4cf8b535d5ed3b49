package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Digest;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Registers of one misc device in sysfs. The kernel keeps the values it has read and asks the
 * hardware again only after a write that succeeded: a write that failed may have extended all the
 * same, and the file would go on to show the value from before. Until the next success, values
 * therefore come from a TDREPORT, which is always made anew:
 *
 * <pre>
 * since the last success here     with TDREPORT   without
 * nothing                         sysfs           sysfs
 * a failure of unknown outcome    TDREPORT        refused, for that register
 * no success yet (just started)   TDREPORT        sysfs
 * </pre>
 *
 * @see "Linux 7.3 Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest;
 *     drivers/virt/coco/guest/tsm-mr.c (tm_digest_read, tm_digest_write)"
 */
final class SysfsMeasurements implements RegisterInterface {
  private final Path folder;
  private final SortedMap<RegisterId, SysfsRegister> files;
  private final @Nullable Tdreport report;
  private final Map<RegisterId, BackendException> doubts = new HashMap<>();
  private boolean succeeded;

  /**
   * Makes one; opens nothing.
   *
   * @param report shows the same registers; null where there is none
   */
  SysfsMeasurements(
      Path folder, SortedMap<RegisterId, SysfsRegister> files, @Nullable Tdreport report) {
    this.folder = folder;
    this.files = files;
    this.report = report;
  }

  @Override
  public InterfaceKind kind() {
    return InterfaceKind.SYSFS;
  }

  @Override
  public String description() {
    return "sysfs, " + folder;
  }

  @Override
  public List<KernelRegister> registers() {
    return files.values().stream().map(SysfsRegister::register).toList();
  }

  @Override
  public void claim(RegisterId register) throws BackendException {
    file(register).claim();
  }

  @Override
  public Digest read(RegisterId register) throws BackendException {
    BackendException doubt = doubts.get(register);
    if (report != null && (doubt != null || !succeeded)) {
      return report.read(register);
    }
    if (doubt != null) {
      throw Refusals.read(
          register,
          "an extend failed, nobody knows whether it happened, and the file shows the value from"
              + " before; a TDREPORT would tell: let this process read the device"
              + " 'tdx.device', and restart it",
          doubt);
    }
    return file(register).read();
  }

  @Override
  public void extend(RegisterId register, Digest digest) throws BackendException {
    try {
      file(register).extend(digest);
    } catch (BackendException e) {
      if (e.outcome() == Outcome.UNKNOWN) {
        doubts.put(register, e);
      }
      throw e;
    }
    succeeded = true;
    doubts.clear(); // the kernel's mark that its values are old is one for all registers
  }

  private SysfsRegister file(RegisterId register) {
    SysfsRegister file = files.get(register);
    if (file == null) {
      throw new IllegalArgumentException(register + ": there are " + files.keySet());
    }
    return file;
  }

  @Override
  public void close() {
    files.values().forEach(SysfsRegister::release);
  }
}
