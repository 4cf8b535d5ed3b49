package dev.cairn.eventlog.systemd;

import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The log of systemd's user-space measurements, {@code /run/log/systemd/tpm2-measure.log}: {@code
 * 0x1E record 0x0A} each, with records close to those of CEL-JSON.
 *
 * <pre>
 * {"pcr":11,"digests":[{"hashAlg":"sha256","digest":"b24d…"}],"content_type":"systemd",
 *  "content":{"string":"ready","bootId":"5728…","timestamp":1208200646,"eventType":"phase"}}
 * </pre>
 *
 * <p>One of {@code pcr}, {@code nv_index} and {@code rtmr} (0 to 3) names the register. There is no
 * {@code recnum}; records are numbered as they come. Content of type {@code systemd} with a {@code
 * string} becomes the text that was measured; what else it holds (boot id, time, event type, name
 * of an NV index) is covered by no digest and is not kept. Without a string, the measured bytes are
 * not in the log and the content stays as it is. Others append here too: contents of other types
 * are those of CEL-JSON.
 *
 * <p>Not kept: unknown keys, and digests of algorithms without a TPM number. A file of lines
 * without 0x1E is read as well. A record without its line feed is one that is being written, or was
 * cut.
 *
 * @see "systemd src/shared/tpm2-util.c (tpm2_log_now), src/pcrlock/pcrlock.c; pull request 43041
 *     (rtmr)"
 */
public final class SystemdLog {
  private static final int STICKY = 01000; // S_ISVTX

  private SystemdLog() {}

  /** Reads records until the end of {@code in}; memory is bounded by one record. */
  public static EventReader reader(InputStream in, Limits limits) {
    return new SystemdLogReader(in, limits);
  }

  /**
   * Returns why the log at {@code path} may lack an extend: systemd sets the sticky bit before it
   * extends and takes it away when the record is on disk. Found when nobody is writing, it says
   * that a record was lost, and stays until the next boot. Nothing if it is not set or cannot be
   * read.
   */
  public static Optional<String> incomplete(Path path) {
    try {
      return (Files.getAttribute(path, "unix:mode") instanceof Integer mode && (mode & STICKY) != 0)
          ? Optional.of("is marked incomplete by systemd: it is being written, or lacks an extend")
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.empty(); // a log that is not there has lost nothing
    }
  }
}
