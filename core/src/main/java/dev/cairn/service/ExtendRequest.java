package dev.cairn.service;

import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;
import java.util.Optional;

/**
 * One event to be measured.
 *
 * @param register where to
 * @param event what is logged; EV_NO_ACTION is refused, for it would be logged and never extended
 * @param digests what is extended, one per active bank of the register; nothing: the hash of the
 *     event data in every bank
 * @param idempotencyKey makes a retry return the first receipt, also after a restart
 */
public record ExtendRequest(
    RegisterId register,
    PcClientEvent event,
    Optional<DigestSet> digests,
    Optional<String> idempotencyKey) {}
