package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.backend.tdx.fuse.FixedFile;
import dev.cairn.backend.tdx.fuse.FixedFolder;
import dev.cairn.backend.tdx.fuse.FuseMount;
import dev.cairn.backend.tdx.fuse.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * A machine whose kernel offers the registers of a TDX guest, as files below a mount point:
 *
 * <pre>
 * sys/class/misc/tdx_guest/measurements/…   SYSFS; of the kernel's sample device: SAMPLE
 * sys/kernel/config/tsm/rtmrs/              RTMRS
 * sys/kernel/config/tsm/report/             REPORTS, or with another provider SEV_REPORTS
 * dev/tdx_guest                             DEVICE
 * proc/sys/kernel/random/boot_id            always
 * sys/kernel/tracing/trace                  always; empty until traced
 * sys/kernel/tracing/instances/             the event tsm_mr_write, with SYSFS or SAMPLE
 * </pre>
 *
 * All offers have the same registers behind them, but for the sample device. They live as long as
 * this object, whoever is killed. Any thread.
 */
public final class EmulatedKernel implements AutoCloseable {
  /** What the kernel was built with. */
  public enum Offer {
    SYSFS,
    SAMPLE,
    RTMRS,
    REPORTS,
    SEV_REPORTS,
    DEVICE
  }

  private static final String CONFIGFS = "sys/kernel/config";
  private static final String ACPI = "sys/firmware/acpi/tables";
  private static final int READ_ONLY = 0444;
  private static final int ROOT_ONLY = 0400;
  private static final int CCEL_BYTES = 56;

  private final Object lock = new Object();
  private final Path point;
  private final FixedFolder root = new FixedFolder();
  private final Faults faults = new Faults(lock);
  private final TdxHardware hardware = new TdxHardware(lock, faults);
  private final Trace trace = new Trace();
  private final Map<String, MeasurementDevice> devices = new HashMap<>();
  private final Rtmrs rtmrs = new Rtmrs(lock, hardware);
  private final TdxReports tdxReports = new TdxReports(lock, hardware, faults);
  private final SevLikeReports sevReports = new SevLikeReports();
  private final Reports reports;
  private final FuseMount mount;
  private String bootId = UUID.randomUUID().toString();

  private EmulatedKernel(Path point, Set<Offer> offers) throws IOException {
    this.point = point;
    boolean sev = offers.contains(Offer.SEV_REPORTS);
    this.reports = new Reports(lock, faults, sev ? sevReports : tdxReports);
    root.put("proc/sys/kernel/random/boot_id", new FixedFile(READ_ONLY, this::bootIdText));
    root.put("sys/kernel/tracing/trace", new FixedFile(READ_ONLY, trace::text));
    root.put("sys/class/misc", new FixedFolder());
    root.put(CONFIGFS, new FixedFolder());
    root.put("dev", new FixedFolder());
    if (offers.contains(Offer.SYSFS)) {
      offer(new TdxMeasurements(hardware));
    }
    if (offers.contains(Offer.SAMPLE)) {
      offer(new SampleMeasurements());
    }
    if (offers.contains(Offer.RTMRS)) {
      root.put(CONFIGFS + "/tsm/rtmrs", rtmrs);
    }
    if (sev || offers.contains(Offer.REPORTS)) {
      root.put(CONFIGFS + "/tsm/report", reports);
    }
    if (offers.contains(Offer.DEVICE)) {
      root.put("dev/tdx_guest", new GuestDevice(hardware));
    }
    this.mount = FuseMount.mount(point, root, lock);
  }

  /**
   * Starts one at {@code point}, an empty folder.
   *
   * @throws IOException if nothing can be mounted there
   */
  public static EmulatedKernel start(Path point, Offer... offers) throws IOException {
    Set<Offer> all = EnumSet.noneOf(Offer.class);
    all.addAll(List.of(offers));
    return new EmulatedKernel(point, all);
  }

  private void offer(MeasurementProvider provider) {
    root.put("sys/kernel/tracing/events/tsm_mr/tsm_mr_write", new FixedFolder());
    root.put("sys/kernel/tracing/instances", trace.instances());
    MeasurementDevice device = new MeasurementDevice(lock, provider, trace);
    devices.put(provider.name(), device);
    String folder = "devices/virtual/misc/" + provider.name();
    root.put("sys/" + folder + "/measurements", device);
    root.put("sys/class/misc/" + provider.name(), new Link("../../" + folder));
  }

  private byte[] bootIdText() {
    return (bootId + "\n").getBytes(US_ASCII);
  }

  /** Returns what stands for {@code /sys}. */
  public Path sysfs() {
    return point.resolve("sys");
  }

  /** Returns what stands for {@code /sys/kernel/config}. */
  public Path configfs() {
    return point.resolve(CONFIGFS);
  }

  /** Returns what stands for {@code /sys/kernel/tracing}. */
  public Path tracefs() {
    return sysfs().resolve("kernel/tracing");
  }

  /** Returns what stands for {@code /proc}. */
  public Path procfs() {
    return point.resolve("proc");
  }

  /** Returns what stands for {@code /dev/tdx_guest}. */
  public Path guestDevice() {
    return point.resolve("dev/tdx_guest");
  }

  /** Returns the {@code measurements} folder of the misc device {@code name}. */
  public Path measurements(String name) {
    return sysfs().resolve("class/misc").resolve(name).resolve("measurements");
  }

  /** Returns what can go wrong. */
  public Faults faults() {
    return faults;
  }

  /** Returns the registers themselves. */
  public TdxHardware hardware() {
    return hardware;
  }

  /** Returns the misc device {@code name}, which has to be offered. */
  public MeasurementDevice device(String name) {
    MeasurementDevice device = devices.get(name);
    if (device == null) {
      throw new IllegalArgumentException(name + ": there are " + devices.keySet());
    }
    return device;
  }

  /** Returns the TDX guest driver's device. */
  public MeasurementDevice tdxGuest() {
    return device("tdx_guest");
  }

  /** Returns the core of {@code tsm/rtmrs}. */
  public Rtmrs rtmrs() {
    return rtmrs;
  }

  /** Returns the core of {@code tsm/report}. */
  public Reports reports() {
    return reports;
  }

  /** Returns the TDX guest driver's part of a report. */
  public TdxReports tdxReports() {
    return tdxReports;
  }

  /** Returns the provider with all attributes. */
  public SevLikeReports sevReports() {
    return sevReports;
  }

  /** Lets trace events be collected. */
  public void enableTrace() {
    synchronized (lock) {
      trace.enable();
    }
  }

  /** Lets the firmware leave {@code log}: the ACPI table CCEL, and the area that it tells of. */
  public void putFirmwareLog(byte[] log) {
    byte[] table = new byte[CCEL_BYTES];
    ByteBuffer fields = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    fields.put("CCEL".getBytes(US_ASCII)).putInt(CCEL_BYTES).put((byte) 1);
    fields.put(36, (byte) 2).putLong(40, log.length).putLong(48, 0x7E00_0000L);
    int sum = 0;
    for (byte each : table) {
      sum += each;
    }
    table[9] = (byte) -sum;
    synchronized (lock) {
      root.put(ACPI + "/CCEL", new FixedFile(ROOT_ONLY, table::clone));
      root.put(ACPI + "/data/CCEL", new FixedFile(ROOT_ONLY, log::clone));
    }
  }

  /** Resets the machine: registers as after firmware, configfs empty, another boot id. */
  public void coldBoot() {
    synchronized (lock) {
      hardware.reset();
      kexec();
    }
  }

  /** Starts another kernel on the same machine: the registers stay. */
  public void kexec() {
    synchronized (lock) {
      bootId = UUID.randomUUID().toString();
      rtmrs.clear();
      reports.clear();
      devices.values().forEach(MeasurementDevice::forget);
    }
  }

  /**
   * Returns how many files stay open: at the end of a test, none. FUSE tells of a close only after
   * it has returned, so that is waited for, up to 5 s.
   */
  public int openFiles() {
    long end = System.nanoTime() + 5_000_000_000L;
    while (mount.openFiles() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
    return mount.openFiles();
  }

  /** Unmounts everything. */
  @Override
  public void close() throws IOException {
    faults.clear();
    mount.close();
  }
}
