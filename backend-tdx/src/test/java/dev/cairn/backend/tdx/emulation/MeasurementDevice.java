package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.OpenFile;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.RegularFile;
import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The {@code measurements} folder of a misc device: what the kernel's tsm-mr core and sysfs make of
 * a driver's registers. Everything happens at the write, nothing at close.
 *
 * @see "Linux 7.3 drivers/virt/coco/guest/tsm-mr.c, fs/sysfs/file.c (sysfs_kf_bin_write)"
 */
public final class MeasurementDevice extends Folder {
  private final Object lock;
  private final MeasurementProvider provider;
  private final Trace trace;
  private final SortedMap<String, Node> files = new TreeMap<>();
  private boolean inSync;
  private boolean loaded = true;
  private int refreshes;

  MeasurementDevice(Object lock, MeasurementProvider provider, Trace trace) {
    this.lock = lock;
    this.provider = provider;
    this.trace = trace;
    for (MeasurementRegister register : provider.registers()) {
      files.put(register.fileName(), new RegisterFile(register));
    }
  }

  @Override
  public SortedMap<String, Node> entries() {
    return loaded ? Collections.unmodifiableSortedMap(files) : Collections.emptySortedMap();
  }

  @Override
  public boolean remembered() {
    return true;
  }

  /** Changes the mode of a file, as a udev rule would. */
  public void setPermissions(String file, int mode) {
    synchronized (lock) {
      file(file).setPermissions(mode);
    }
  }

  /** Gives a file to {@code uid} and {@code gid}, as a udev rule would. */
  public void setOwner(String file, int uid, int gid) {
    synchronized (lock) {
      file(file).setOwner(uid, gid);
    }
  }

  private Node file(String name) {
    Node node = files.get(name);
    if (node == null) {
      throw new IllegalArgumentException(name + ": there are " + files.keySet());
    }
    return node;
  }

  /** Unloads the driver, while files are open or not. */
  public void unload() {
    synchronized (lock) {
      loaded = false;
    }
  }

  /** Loads it again: the same registers behind it. */
  public void load() {
    synchronized (lock) {
      loaded = true;
      inSync = false;
    }
  }

  /** Returns how often the hardware was asked for all values. */
  public int refreshes() {
    synchronized (lock) {
      return refreshes;
    }
  }

  /** The machine was reset: what the driver keeps is not true. */
  void forget() {
    inSync = false;
  }

  private byte[] value(Caller caller, MeasurementRegister register) throws Refusal {
    if (register.live() && !inSync) {
      try {
        provider.refresh();
      } catch (Refusal e) {
        trace.refreshed(caller, register, -e.errno().number());
        throw e;
      }
      inSync = true;
      refreshes++;
      trace.refreshed(caller, register, 0);
    }
    byte[] value = provider.cached(register);
    trace.read(caller, register, value);
    return value;
  }

  private void extend(Caller caller, MeasurementRegister register, byte[] digest) throws Refusal {
    provider.extend(register, digest);
    inSync = false;
    trace.written(caller, register, digest);
  }

  private final class RegisterFile extends RegularFile {
    private final MeasurementRegister register;

    RegisterFile(MeasurementRegister register) {
      super(register.permissions());
      this.register = register;
    }

    @Override
    public long size() {
      return register.size();
    }

    @Override
    public OpenFile open(Caller caller, boolean reading, boolean writing) throws Refusal {
      if (!loaded) {
        throw new Refusal(Errno.ENOENT);
      }
      if (writing && !register.writable()) {
        throw new Refusal(Errno.EACCES); // whatever the mode says: there is nothing to call
      }
      return new OpenRegister(caller, register);
    }
  }

  private final class OpenRegister implements OpenFile {
    private final Caller caller;
    private final MeasurementRegister register;

    OpenRegister(Caller caller, MeasurementRegister register) {
      this.caller = caller;
      this.register = register;
    }

    @Override
    public byte[] read(long offset, int most) throws Refusal {
      requireLoaded();
      int size = register.size();
      if (offset >= size) {
        return new byte[0]; // before the driver is asked
      }
      byte[] value = value(caller, register);
      return Arrays.copyOfRange(value, (int) offset, (int) Math.min(size, offset + most));
    }

    @Override
    public int write(Caller writer, long offset, byte[] bytes) throws Refusal {
      requireLoaded();
      int size = register.size();
      if (offset >= size) {
        throw new Refusal(Errno.EFBIG);
      }
      int count = (int) Math.min(bytes.length, size - offset); // sysfs cuts what is too long
      if (offset != 0 || count != size) {
        throw new Refusal(Errno.EINVAL);
      }
      extend(writer, register, Arrays.copyOf(bytes, count));
      return count;
    }

    private void requireLoaded() throws Refusal {
      if (!loaded) {
        throw new Refusal(Errno.ENODEV);
      }
    }
  }
}
