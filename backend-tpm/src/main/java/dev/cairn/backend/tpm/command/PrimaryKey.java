package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;

/**
 * A primary key that was loaded; to be flushed.
 *
 * @param handle transient: behind the kernel's resource manager it is good for this connection only
 * @param area TPMT_PUBLIC, without its length
 * @param name u16 algorithm and digest of {@code area}
 */
public record PrimaryKey(int handle, Bytes area, Bytes name) {}
