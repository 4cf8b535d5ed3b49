package dev.cairn.service;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;

/**
 * Says that an event is in the log and in the register. Given after both are so, never before.
 *
 * @param register which register
 * @param recnum number within the register, from 0
 * @param position number within the epoch's log, over all registers, from 0
 * @param digests what was extended, per bank
 * @param value what the register held after this extend, per bank
 * @param epoch the life of the registers that it happened in
 * @param repeated whether this answers a repeated idempotency key: nothing was extended now
 */
public record Receipt(
    RegisterId register,
    long recnum,
    long position,
    DigestSet digests,
    DigestSet value,
    String epoch,
    boolean repeated) {}
