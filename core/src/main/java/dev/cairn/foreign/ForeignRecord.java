package dev.cairn.foreign;

import dev.cairn.eventlog.EventContent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.ForeignLog;

/**
 * A record of a foreign log that stands for an extend which has happened.
 *
 * @param keeper whose log has it
 * @param place where among the records of its register, from 0
 * @param digests what was extended, in every active bank of the register
 * @param content what the keeper says has happened
 */
public record ForeignRecord(
    ForeignLog.Origin keeper, long place, DigestSet digests, EventContent content) {}
