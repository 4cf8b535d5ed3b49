package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;

/**
 * A quote.
 *
 * @param attest TPMS_ATTEST, without its length: what is signed
 * @param signature TPMT_SIGNATURE
 */
public record SignedAttest(Bytes attest, Bytes signature) {}
