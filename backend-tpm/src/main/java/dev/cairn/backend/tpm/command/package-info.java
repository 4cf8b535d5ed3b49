/**
 * The commands of a TPM 2.0, marshalled in Java: {@link dev.cairn.backend.tpm.command.Tpm} is the
 * door. Knows no registers of Cairn's and no policy; bytes travel through {@code transport}.
 *
 * <p>All integers are big-endian. One {@code Tpm} belongs to one thread.
 */
@NullMarked
package dev.cairn.backend.tpm.command;

import org.jspecify.annotations.NullMarked;
