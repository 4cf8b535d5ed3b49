package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;

/**
 * The TDX guest driver's part of a quote: a TDREPORT goes to the host, which answers in time, late
 * or never.
 *
 * @see "Linux 7.3 drivers/virt/coco/tdx-guest/tdx-guest.c (tdx_report_new)"
 */
public final class TdxReports implements ReportProvider {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Object lock;
  private final TdxHardware hardware;
  private final Faults faults;
  private final TdxQuotes quotes = new TdxQuotes();
  private TdxQuotes.Shape shape = TdxQuotes.Shape.V4;
  private int padding;
  private Duration patience = PATIENCE;
  private boolean hostIsSilent;
  private boolean hostOwnsTheBuffer;

  TdxReports(Object lock, TdxHardware hardware, Faults faults) {
    this.lock = lock;
    this.hardware = hardware;
    this.faults = faults;
  }

  /** Chooses the version of quotes, and how many zeros follow them. */
  public void setShape(TdxQuotes.Shape newShape, int newPadding) {
    synchronized (lock) {
      shape = newShape;
      padding = newPadding;
    }
  }

  /** Returns the certificate of the root that vouches for this machine's quotes. */
  public X509Certificate rootCertificate() {
    return quotes.rootCertificate();
  }

  /** From now on the host does not answer; the driver waits for {@code newPatience}. */
  public void silenceHost(Duration newPatience) {
    synchronized (lock) {
      hostIsSilent = true;
      patience = newPatience;
    }
  }

  /** The host answers again, also what it was asked before. */
  public void wakeHost() {
    synchronized (lock) {
      hostIsSilent = false;
      hostOwnsTheBuffer = false;
      lock.notifyAll();
    }
  }

  @Override
  public String name() {
    return "tdx_guest";
  }

  @Override
  public Set<String> attributes() {
    return Set.of("generation", "provider", "inblob", "outblob");
  }

  @Override
  public int privilegeFloor() {
    return 0;
  }

  @Override
  public Report report(byte[] inblob, int privilegeLevel) throws Refusal {
    if (hostOwnsTheBuffer) {
      throw new Refusal(Errno.EBUSY);
    }
    if (inblob.length != TdxHardware.REPORT_DATA_BYTES) {
      throw new Refusal(Errno.EINVAL);
    }
    byte[] report = hardware.report(inblob);
    byte[] quote = faults.at(Place.QUOTE, () -> askHost(report));
    return new Report(quote, new byte[0], new byte[0]);
  }

  private byte[] askHost(byte[] report) throws Refusal {
    if (hostIsSilent) {
      hostOwnsTheBuffer = true;
      await();
      if (hostIsSilent) {
        throw new Refusal(Errno.EIO); // not ETIMEDOUT: how the driver counts
      }
      throw new Refusal(Errno.ETIMEDOUT); // the answer came in the last second
    }
    return quotes.sign(report, shape, padding);
  }

  private void await() throws Refusal {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toMillis(); left > 0 && hostIsSilent; ) {
        lock.wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      throw new Refusal(Errno.EINTR);
    }
  }
}
