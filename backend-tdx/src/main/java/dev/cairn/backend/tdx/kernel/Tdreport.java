package dev.cairn.backend.tdx.kernel;

import dev.cairn.backend.tdx.quote.TdReport;
import dev.cairn.evidence.MalformedEvidenceException;
import dev.cairn.linux.Descriptor;
import dev.cairn.linux.ErrnoException;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers as the TDREPORT shows them, which the TDX module makes anew for every call; nobody can
 * extend by it.
 *
 * <pre>
 * argument of the ioctl, 1,088 bytes
 * offset  size
 *      0    64  report data, any
 *     64  1024  {@link TdReport}
 * </pre>
 *
 * @see "Linux 7.3 include/uapi/linux/tdx-guest.h"
 */
final class Tdreport implements RegisterInterface {
  private static final Logger LOG = LoggerFactory.getLogger(Tdreport.class);
  private static final long GET_REPORT0 = 0xC440_5401L; // _IOWR('T', 1, 1088 bytes)
  private static final int REPORT_DATA_BYTES = 64;
  private static final int ARGUMENT_BYTES = REPORT_DATA_BYTES + TdReport.SIZE_BYTES;
  private static final int RTMRS = 4;
  private static final HashAlgorithm ALGORITHM = HashAlgorithm.SHA384;
  private static final Optional<String> READ_ONLY =
      Optional.of(
          "read-only: a TDREPORT shows registers and extends none; that needs Linux 6.16 or newer"
              + " (sysfs measurements)");

  private final Path device;
  private final ByteBuffer argument = ByteBuffer.allocateDirect(ARGUMENT_BYTES);

  private Tdreport(Path device) {
    this.device = device;
  }

  /** Returns one that works; null if {@code device} gives this process no TDREPORT. */
  static @Nullable Tdreport find(Path device) {
    try {
      return open(device);
    } catch (BackendException e) {
      LOG.info(
          "no TDREPORT: if an extend fails so that nobody knows whether it happened, events are"
              + " refused from then on: {}",
          e.getMessage());
      return null;
    }
  }

  static Tdreport open(Path device) throws BackendException {
    Tdreport opened = new Tdreport(device);
    opened.read(RegisterId.MRTD);
    return opened;
  }

  @Override
  public InterfaceKind kind() {
    return InterfaceKind.TDREPORT;
  }

  @Override
  public String description() {
    return "TDREPORT (read-only), " + device;
  }

  @Override
  public List<KernelRegister> registers() {
    List<KernelRegister> registers = new ArrayList<>();
    registers.add(new KernelRegister(RegisterId.MRTD, ALGORITHM, READ_ONLY));
    for (int i = 0; i < RTMRS; i++) {
      registers.add(new KernelRegister(RegisterId.rtmr(i), ALGORITHM, READ_ONLY));
    }
    return registers;
  }

  @Override
  public void claim(RegisterId register) {
    throw new IllegalArgumentException(register + " is read-only");
  }

  @Override
  public void extend(RegisterId register, Digest digest) {
    throw new IllegalArgumentException(register + " is read-only");
  }

  @Override
  public Digest read(RegisterId register) throws BackendException {
    Pauses pauses = Pauses.forBusy();
    while (true) {
      try (Descriptor open = Descriptor.open(device, Descriptor.O_RDONLY)) {
        open.ioctl(GET_REPORT0, argument);
        return value(register);
      } catch (ErrnoException e) {
        if (!(Refusals.isMomentary(e.errno()) && pauses.again())) {
          throw Refusals.read(register, pauses.attempts() + " attempts", e);
        }
      }
    }
  }

  private Digest value(RegisterId register) throws BackendException {
    byte[] report = new byte[TdReport.SIZE_BYTES];
    argument.get(REPORT_DATA_BYTES, report);
    try {
      DigestSet value = TdReport.parse(Bytes.owning(report)).td().values().get(register);
      if (value == null) {
        throw new IllegalArgumentException(register + " is not in a TDREPORT");
      }
      return value.at(0);
    } catch (MalformedEvidenceException e) {
      throw Refusals.read(register, device + ": gives no TDREPORT", e);
    }
  }

  @Override
  public void close() {}
}
