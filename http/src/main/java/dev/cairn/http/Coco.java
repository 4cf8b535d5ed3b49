package dev.cairn.http;

import dev.cairn.coco.CocoLog;
import dev.cairn.coco.EvidenceShape;
import dev.cairn.coco.RecordMirror;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.RegisterId;
import dev.cairn.service.MeasuredLog;
import dev.cairn.service.RegisterStatus;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lives as long as the server does for clients of Confidential Containers: the log in their
 * form and the file that mirrors it.
 *
 * @param settings as configured
 * @param log in their form
 * @param bootLog what firmware has logged, where evidence carries it beside our log
 * @param mirror the file; null if none is configured
 * @param sizes what warns of a log that becomes too long
 */
record Coco(
    CocoSettings settings,
    CocoLog log,
    Optional<Bytes> bootLog,
    @Nullable RecordMirror mirror,
    CocoSizes sizes)
    implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Coco.class);
  private static final int FIRMWARE_RTMRS = 3;
  private static final int MOST_BOOT_LOG = 1 << 20;

  /**
   * Opens both. Reads the firmware's log now: what verifiers would refuse is refused before any
   * event.
   *
   * @param registers as they are
   * @throws IOException naming the reason and the remedy
   */
  static Coco open(CocoSettings settings, MeasuredLog log, List<RegisterStatus> registers)
      throws IOException {
    Optional<InputStream> firmware =
        settings.platform().shape() == EvidenceShape.TDX ? firmware(log) : Optional.empty();
    if (settings.platform().shape() == EvidenceShape.TDX && firmware.isEmpty()) {
      withoutFirmware(settings, registers);
    }
    CocoLog cocoLog =
        CocoLog.open(
            settings.folder(),
            settings.platform().bank(),
            settings.header(),
            firmware.orElse(null));
    try {
      RecordMirror mirror =
          settings.mirror().isEmpty()
              ? null
              : RecordMirror.start(log, cocoLog, settings.mirror().get());
      return new Coco(
          settings, cocoLog, bootLog(settings, log), mirror, new CocoSizes(log, mirror != null));
    } catch (IOException | RuntimeException e) {
      cocoLog.close();
      throw e;
    }
  }

  /** Read once: it does not grow any more. */
  private static Optional<Bytes> bootLog(CocoSettings settings, MeasuredLog log)
      throws IOException {
    if (settings.platform().shape() != EvidenceShape.TPM_KEYLIME) {
      return Optional.empty();
    }
    Optional<InputStream> firmware = firmware(log);
    if (firmware.isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = firmware.get()) {
      byte[] bytes = in.readNBytes(MOST_BOOT_LOG + 1);
      if (bytes.length > MOST_BOOT_LOG) {
        throw new IOException(
            "the firmware's log has more than %d bytes: no verifier takes that"
                .formatted(MOST_BOOT_LOG));
      }
      return Optional.of(Bytes.owning(bytes));
    }
  }

  private static Optional<InputStream> firmware(MeasuredLog log) throws IOException {
    for (ForeignLog foreign : log.foreignLogs()) {
      if (foreign.origin() == ForeignLog.Origin.FIRMWARE) {
        try {
          return Optional.of(foreign.open());
        } catch (NoSuchFileException e) {
          LOG.warn("{}: this machine has no firmware log", foreign.location());
        }
      }
    }
    return Optional.empty();
  }

  /** A verifier passes a machine without any log, and refuses one whose log explains half of it. */
  private static void withoutFirmware(CocoSettings settings, List<RegisterStatus> registers)
      throws IOException {
    for (RegisterStatus status : registers) {
      RegisterId id = status.descriptor().id();
      boolean measured =
          id.kind() == RegisterId.Kind.CCMR
              && id.index() >= 1
              && id.index() <= FIRMWARE_RTMRS
              && status.value().isPresent()
              && !isZero(status.value().get().find(settings.platform().bank()));
      if (measured && settings.mirror().isPresent()) {
        throw new IOException(
            "coco.mirror: %s was extended and there is no firmware log (CCEL): with a mirror, every verifier would refuse this machine; leave it out"
                .formatted(id));
      } else if (measured) {
        LOG.warn(
            "{} was extended and there is no firmware log (CCEL): verifiers will refuse evidence as soon as there is an event",
            id);
      }
    }
  }

  private static boolean isZero(@Nullable Digest value) {
    return value == null || value.value().isFilledWith(0);
  }

  /** Ends the mirror, then gives the log's file back. */
  @Override
  public void close() throws IOException {
    try (log) {
      sizes.close();
      if (mirror != null) {
        mirror.close();
      }
    }
  }
}
