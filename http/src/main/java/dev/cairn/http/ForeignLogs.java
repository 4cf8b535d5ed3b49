package dev.cairn.http;

import dev.cairn.measure.ForeignLog;
import dev.cairn.service.MeasuredLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The logs that others keep about the same registers, as clients name them. */
final class ForeignLogs {
  private final List<ForeignLog> logs;

  ForeignLogs(MeasuredLog log) {
    this.logs = log.foreignLogs();
  }

  /**
   * A log that was opened.
   *
   * @param data to be closed
   */
  record Opened(ForeignLog log, InputStream data) {}

  /**
   * Returns who keeps the log that {@code name} stands for.
   *
   * @throws ProblemException 400 if it stands for nobody
   */
  static ForeignLog.Origin origin(String name) throws ProblemException {
    for (ForeignLog.Origin origin : ForeignLog.Origin.values()) {
      if (name(origin).equals(name)) {
        return origin;
      }
    }
    throw Parameters.invalid(
        "origin",
        name,
        "one of "
            + String.join(
                ", ", Arrays.stream(ForeignLog.Origin.values()).map(ForeignLogs::name).toList()));
  }

  private static String name(ForeignLog.Origin origin) {
    return origin.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Opens the first log of {@code origin} that there is. Reads files: not for the event loop.
   *
   * @throws ProblemException 404 if there is none
   * @throws IOException if it cannot be read
   */
  Opened open(ForeignLog.Origin origin) throws IOException, ProblemException {
    String tried = "";
    for (ForeignLog log : logs) {
      if (log.origin() == origin) {
        try {
          return new Opened(log, log.open());
        } catch (NoSuchFileException e) {
          tried += " " + log.location();
        }
      }
    }
    throw new ProblemException(
        ProblemType.NO_FOREIGN_LOG,
        "origin: %s: this machine has no such log%s"
            .formatted(name(origin), tried.isEmpty() ? "" : "; there is none at" + tried));
  }
}
