package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;

/**
 * The public part of a key in the TPM.
 *
 * @param area TPMT_PUBLIC, without its length
 * @param name u16 algorithm and digest of {@code area}
 * @param qualifiedName the name, hashed with those of its parents; what a quote says of its signer
 */
public record TpmPublic(Bytes area, Bytes name, Bytes qualifiedName) {}
