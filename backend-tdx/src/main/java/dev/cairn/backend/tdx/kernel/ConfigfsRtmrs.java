package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The four RTMRs of a TDX guest by the RFC's configfs interface. */
final class ConfigfsRtmrs implements RegisterInterface {
  private static final int RTMRS = 4;

  private final Path folder;
  private final SortedMap<RegisterId, RtmrEntry> entries = new TreeMap<>();

  private ConfigfsRtmrs(Path folder) {
    this.folder = folder;
  }

  static ConfigfsRtmrs open(Path folder) throws BackendException {
    ConfigfsRtmrs opened = new ConfigfsRtmrs(folder);
    Hasher hasher = new Hasher();
    for (Map.Entry<Integer, Path> entry : new RtmrBinding(folder).bind(RTMRS).entrySet()) {
      if (entry.getKey() < RTMRS) {
        RegisterId id = RegisterId.rtmr(entry.getKey());
        opened.entries.put(id, new RtmrEntry(id, entry.getValue(), hasher));
      }
    }
    return opened;
  }

  @Override
  public InterfaceKind kind() {
    return InterfaceKind.CONFIGFS;
  }

  @Override
  public String description() {
    return "configfs (RFC), " + folder;
  }

  @Override
  public List<KernelRegister> registers() {
    return entries.keySet().stream()
        .map(id -> new KernelRegister(id, HashAlgorithm.SHA384, Optional.empty()))
        .toList();
  }

  @Override
  public void claim(RegisterId register) throws BackendException {
    entry(register).claim();
  }

  @Override
  public Digest read(RegisterId register) throws BackendException {
    return entry(register).read();
  }

  @Override
  public void extend(RegisterId register, Digest digest) throws BackendException {
    entry(register).extend(digest);
  }

  private RtmrEntry entry(RegisterId register) {
    RtmrEntry entry = entries.get(register);
    if (entry == null) {
      throw new IllegalArgumentException(register + ": there are " + entries.keySet());
    }
    return entry;
  }

  /** Entries stay: they are the system's. No descriptor is open between calls. */
  @Override
  public void close() {}
}
