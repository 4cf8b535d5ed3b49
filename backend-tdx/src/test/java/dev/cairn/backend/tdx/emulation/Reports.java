package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The folder {@code tsm/report}: entries are made by mkdir; each keeps one request, and one report
 * until the next request.
 *
 * @see "Linux 7.3 drivers/virt/coco/guest/report.c"
 */
public final class Reports extends Folder {
  /** What the core lets a report have: 16 MiB in 7.3, 32 KiB before. */
  private static final int MOST_BYTES = 16 << 20;

  private final Object lock;
  private final Faults faults;
  private final SortedMap<String, Node> entries = new TreeMap<>();
  private final ReportProvider provider;
  private boolean registered = true;
  private int mostBytes = MOST_BYTES;
  private int made;

  Reports(Object lock, Faults faults, ReportProvider provider) {
    this.lock = lock;
    this.faults = faults;
    this.provider = provider;
  }

  @Override
  public SortedMap<String, Node> entries() {
    return Collections.unmodifiableSortedMap(entries);
  }

  /** Takes the provider away, or brings it back. */
  public void setRegistered(boolean there) {
    synchronized (lock) {
      registered = there;
    }
  }

  /** Sets how long a blob may be. */
  public void setMostBytes(int most) {
    synchronized (lock) {
      mostBytes = most;
    }
  }

  /** Returns how many reports the provider has made. */
  public int made() {
    synchronized (lock) {
      return made;
    }
  }

  /** Returns which service the entry {@code name} asks for; zeros if none. */
  public UUID serviceGuid(String name) {
    synchronized (lock) {
      if (entries.get(name) instanceof ReportEntry entry) {
        return entry.serviceGuid();
      }
      throw new IllegalArgumentException(name + ": there are " + entries.keySet());
    }
  }

  /** Another process asks with {@code inblob}, through every entry that there is. */
  public void askThroughAll(byte[] inblob) {
    synchronized (lock) {
      for (Node node : entries.values()) {
        ((ReportEntry) node).askByOthers(inblob);
      }
    }
  }

  /** Another process removes all entries. */
  public void removeAll() {
    synchronized (lock) {
      for (Node node : entries.values()) {
        ((ReportEntry) node).remove();
      }
      entries.clear();
    }
  }

  int mostBytes() {
    return mostBytes;
  }

  Faults faults() {
    return faults;
  }

  /** Returns the provider, or null while none is registered. */
  @Nullable ReportProvider provider() {
    return registered ? provider : null;
  }

  void countReport() {
    made++;
  }

  /** The machine was started anew: configfs is empty. */
  void clear() {
    entries.clear();
  }

  @Override
  public void makeFolder(String name) throws Refusal {
    if (!registered) {
      throw new Refusal(Errno.ENXIO);
    }
    entries.put(name, new ReportEntry(this, provider));
  }

  @Override
  public void removeFolder(String name) throws Refusal {
    if (!(entries.remove(name) instanceof ReportEntry entry)) {
      throw new Refusal(Errno.ENOENT);
    }
    entry.remove();
  }
}
