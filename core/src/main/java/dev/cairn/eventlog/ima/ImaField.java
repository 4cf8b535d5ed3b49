package dev.cairn.eventlog.ima;

import dev.cairn.measure.Bytes;

/**
 * A field of an IMA template.
 *
 * @param id as in the template's format: {@code d-ng}, {@code n-ng}, {@code sig} …
 * @param data without its length; strings keep the NUL that the kernel stores with them
 */
public record ImaField(String id, Bytes data) {}
