package dev.cairn.service;

import dev.cairn.measure.DigestSet;
import dev.cairn.measure.RegisterId;

/**
 * What an extend would do, had it been the next one. Nothing was logged or extended.
 *
 * @param register which register
 * @param recnum the number that the record would get
 * @param digests what would be extended
 * @param value what the register would hold then
 * @param epoch the present life of the registers
 */
public record Preview(
    RegisterId register, long recnum, DigestSet digests, DigestSet value, String epoch) {}
