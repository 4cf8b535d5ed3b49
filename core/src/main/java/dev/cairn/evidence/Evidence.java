package dev.cairn.evidence;

import dev.cairn.measure.ForeignLog;
import dev.cairn.replay.LogSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A document of evidence as it was read: claims, all of them. {@link EvidenceVerifier} finds out
 * what they are worth. Its logs are in temporary files until it is closed. For one thread.
 */
public final class Evidence implements AutoCloseable {
  /**
   * A log that somebody else keeps.
   *
   * @param origin who keeps it, by the word of the document
   * @param log may be opened until the document is closed
   */
  public record ForeignPart(ForeignLog.Origin origin, LogSource log) {}

  private final EvidenceHead head;
  private final List<ForeignPart> foreignLogs;
  private final Optional<LogSource> log;
  private final long endPosition;
  private final List<Path> files;

  Evidence(
      EvidenceHead head,
      List<ForeignPart> foreignLogs,
      Optional<LogSource> log,
      long endPosition,
      List<Path> files) {
    this.head = head;
    this.foreignLogs = List.copyOf(foreignLogs);
    this.log = log;
    this.endPosition = endPosition;
    this.files = List.copyOf(files);
  }

  /**
   * Reads one document to its end; {@code in} stays open. Logs go to the temporary folder of the
   * system ({@code java.io.tmpdir}), readable by nobody else.
   *
   * @throws MalformedEvidenceException if it is none, or is larger than {@code limits}; nothing is
   *     left behind
   * @throws IOException if the stream cannot be read or a temporary file cannot be written
   */
  public static Evidence read(InputStream in, EvidenceLimits limits) throws IOException {
    return new EvidenceReader(limits, Path.of(System.getProperty("java.io.tmpdir"))).read(in);
  }

  /** Returns all but the logs. */
  public EvidenceHead head() {
    return head;
  }

  /** Returns the logs of others, in the order of replay. */
  public List<ForeignPart> foreignLogs() {
    return foreignLogs;
  }

  /** Returns the log that belongs to the quote; nothing if it is to be had elsewhere. */
  public Optional<LogSource> log() {
    return log;
  }

  /** Returns how many records, from the first on, belong to the quote. */
  public long endPosition() {
    return endPosition;
  }

  /** Deletes the temporary files. */
  @Override
  public void close() throws IOException {
    delete(files);
  }

  /** Deletes all of {@code files}, and complains about the first that cannot be deleted. */
  static void delete(List<Path> files) throws IOException {
    IOException failure = null;
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
