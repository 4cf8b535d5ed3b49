package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the misc devices that have measurement registers, and what the names of their files say:
 * {@code NAME} or {@code NAME:HASH}. Files without a hash, and names that are no register's, are
 * not used.
 *
 * <p>A register with several hashes has a value for each, extended by writes of their own: there is
 * no step that extends them all, and a kill between two writes would leave a register that no log
 * explains. One is used: SHA-384 where there is one, else the longest.
 */
final class SysfsListing {
  static final String TDX = "tdx_guest";

  private static final String MEASUREMENTS = "measurements";
  private static final String FIXED = "read-only: it was fixed when the virtual machine was built";
  private static final String NOT_WRITABLE = "read-only: its file has no write permission";
  private static final Map<String, HashAlgorithm> HASHES =
      Map.of(
          "sha1", HashAlgorithm.SHA1,
          "sha256", HashAlgorithm.SHA256,
          "sha384", HashAlgorithm.SHA384,
          "sha512", HashAlgorithm.SHA512,
          "sm3", HashAlgorithm.SM3_256,
          "sm3-256", HashAlgorithm.SM3_256,
          "sha3-256", HashAlgorithm.SHA3_256,
          "sha3-384", HashAlgorithm.SHA3_384,
          "sha3-512", HashAlgorithm.SHA3_512);

  private final KernelPaths paths;

  SysfsListing(KernelPaths paths) {
    this.paths = paths;
  }

  /** Returns the devices that have registers, by name, with the folder of each. */
  SortedMap<String, Path> devices() throws IOException {
    SortedMap<String, Path> devices = new TreeMap<>();
    for (Path device : list(paths.miscDevices())) {
      Path folder = device.resolve(MEASUREMENTS);
      for (Path file : list(folder)) {
        if (Name.of(file).isPresent()) {
          devices.put(name(device), folder);
        }
      }
    }
    return devices;
  }

  /**
   * Opens the device {@code wanted}, else that of TDX, else the only one.
   *
   * @throws BackendException NOT_EXECUTED if there is no such one
   */
  SysfsMeasurements open(@Nullable String wanted) throws BackendException {
    try {
      SortedMap<String, Path> devices = devices();
      String device = wanted;
      if (device == null) {
        device = devices.containsKey(TDX) || devices.size() != 1 ? TDX : devices.firstKey();
      }
      Path folder = devices.get(device);
      if (folder == null) {
        throw Refusals.open(
            "%s: no device '%s' with measurement registers there; name one of %s as 'tdx.provider'"
                .formatted(paths.miscDevices(), device, devices.keySet()),
            null);
      }
      boolean tdx = device.equals(TDX);
      return new SysfsMeasurements(
          folder, registers(folder, tdx), tdx ? Tdreport.find(paths.guestDevice()) : null);
    } catch (IOException e) {
      throw Refusals.open("measurement registers cannot be listed", e);
    }
  }

  private static SortedMap<RegisterId, SysfsRegister> registers(Path folder, boolean tdx)
      throws IOException, BackendException {
    SortedMap<RegisterId, SysfsRegister> registers = new TreeMap<>();
    for (Path file : list(folder)) {
      Optional<Name> name = Name.of(file);
      if (name.isEmpty()) {
        continue;
      }
      RegisterId id = name.get().id();
      HashAlgorithm algorithm = name.get().algorithm();
      SysfsRegister other = registers.get(id);
      if (other != null && !isPreferred(algorithm, other.register().algorithm())) {
        continue;
      }
      if (Files.size(file) != algorithm.sizeBytes()) {
        throw Refusals.open(
            "%s: %d bytes, a value of %s has %d: this kernel is not understood"
                .formatted(file, Files.size(file), algorithm.bank(), algorithm.sizeBytes()),
            null);
      }
      registers.put(
          id, new SysfsRegister(new KernelRegister(id, algorithm, readOnly(id, file)), file, tdx));
    }
    return registers;
  }

  private static boolean isPreferred(HashAlgorithm one, HashAlgorithm other) {
    if (one == HashAlgorithm.SHA384 || other == HashAlgorithm.SHA384) {
      return one == HashAlgorithm.SHA384;
    }
    return one.sizeBytes() > other.sizeBytes();
  }

  private static Optional<String> readOnly(RegisterId id, Path file) throws IOException {
    if (id.equals(RegisterId.MRTD)) {
      return Optional.of(FIXED);
    }
    for (PosixFilePermission bit : Files.getPosixFilePermissions(file)) {
      if (bit.name().endsWith("_WRITE")) {
        return Optional.empty();
      }
    }
    return Optional.of(NOT_WRITABLE);
  }

  /** Returns the files of registers in {@code folder} that this process may write to. */
  static List<String> writable(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path file : list(folder)) {
      Optional<Name> name = Name.of(file);
      if (name.isPresent() && readOnly(name.get().id(), file).isEmpty() && Files.isWritable(file)) {
        names.add(name(file));
      }
    }
    return names;
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** A file name that says which register it is, and in which bank. */
  private record Name(RegisterId id, HashAlgorithm algorithm) {
    static Optional<Name> of(Path file) {
      String text = name(file);
      int colon = text.indexOf(':');
      HashAlgorithm algorithm = colon < 0 ? null : HASHES.get(text.substring(colon + 1));
      if (algorithm == null) {
        return Optional.empty();
      }
      return RegisterId.parse(text.substring(0, colon)).map(id -> new Name(id, algorithm));
    }
  }
}
