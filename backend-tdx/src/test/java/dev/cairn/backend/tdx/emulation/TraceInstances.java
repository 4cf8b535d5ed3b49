package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The folder {@code instances} of tracefs: a folder made here is a ring buffer of its own.
 *
 * @see "Linux Documentation/trace/ftrace.rst, Instances"
 */
final class TraceInstances extends Folder {
  private final SortedMap<String, Node> instances = new TreeMap<>();

  @Override
  public SortedMap<String, Node> entries() {
    return Collections.unmodifiableSortedMap(instances);
  }

  @Override
  public void makeFolder(String name) throws Refusal {
    if (instances.containsKey(name)) {
      throw new Refusal(Errno.EEXIST);
    }
    instances.put(name, new TraceInstance());
  }

  @Override
  public void removeFolder(String name) throws Refusal {
    if (instances.remove(name) == null) {
      throw new Refusal(Errno.ENOENT);
    }
  }

  /** Somebody has extended a register. */
  void extended(Caller caller, Supplier<String> line) {
    instances.values().forEach(each -> ((TraceInstance) each).extended(caller, line));
  }
}
