package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;

/**
 * What the self tests found.
 *
 * @param detail the manufacturer's
 * @param code success, or why not
 */
public record TestResult(Bytes detail, ResponseCode code) {}
