package dev.cairn.eventlog;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.util.List;

/**
 * One record of an event log, in whatever format it was.
 *
 * @param recnum number within its register, from 0; readers of formats that have none count
 * @param register what it says was extended; {@code digests} went there unless the content says
 *     otherwise (EV_NO_ACTION, cel_version, firmware_end)
 * @param digests what the log says was extended, at most one per bank
 * @param unknownDigests those of algorithms that {@link dev.cairn.measure.HashAlgorithm} has not,
 *     ascending; almost always empty
 * @param content what happened
 * @see "TCG CEL 1.1, 4.2 TPMS_CEL_EVENT"
 */
public record EventRecord(
    long recnum,
    RegisterId register,
    DigestSet digests,
    List<UnknownDigest> unknownDigests,
    EventContent content) {
  /** Copies the list. */
  public EventRecord {
    unknownDigests = List.copyOf(unknownDigests);
  }

  /** Makes a record whose digests are all of known algorithms. */
  public EventRecord(long recnum, RegisterId register, DigestSet digests, EventContent content) {
    this(recnum, register, digests, List.of(), content);
  }
}
