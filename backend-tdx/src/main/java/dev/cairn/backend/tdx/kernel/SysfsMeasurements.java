package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/**
 * Registers of one misc device in sysfs. Every read is asked of the hardware as soon as anybody has
 * extended through this interface.
 *
 * @see "Linux 7.3 Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest"
 */
final class SysfsMeasurements implements RegisterInterface {
  private final Path folder;
  private final SortedMap<RegisterId, SysfsRegister> files;

  SysfsMeasurements(Path folder, SortedMap<RegisterId, SysfsRegister> files) {
    this.folder = folder;
    this.files = files;
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
    return file(register).read();
  }

  @Override
  public void extend(RegisterId register, Digest digest) throws BackendException {
    file(register).extend(digest);
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
