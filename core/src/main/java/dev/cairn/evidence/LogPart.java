package dev.cairn.evidence;

import dev.cairn.measure.ForeignLog;
import java.io.InputStream;
import java.util.Optional;

/**
 * A log on its way into a document of evidence.
 *
 * @see EvidenceWriter#stream
 */
public sealed interface LogPart {
  /**
   * The log that the quoted values belong to: records 0 to {@code endPosition}, exclusive, as
   * CEL-TLV.
   *
   * @param endPosition how many records
   * @param lengthBytes how many bytes they are
   * @param data those bytes, closed by who reads the document; nothing if the verifier fetches them
   *     itself
   */
  record Committed(long endPosition, long lengthBytes, Optional<InputStream> data)
      implements LogPart {}

  /**
   * A log that somebody else keeps about the same registers, unmodified.
   *
   * @param origin who keeps it
   * @param location where it was, for people
   * @param format as {@link dev.cairn.eventlog.LogFormat#label()} spells it
   * @param data its bytes, closed by who reads the document
   */
  record Foreign(ForeignLog.Origin origin, String location, String format, InputStream data)
      implements LogPart {}
}
