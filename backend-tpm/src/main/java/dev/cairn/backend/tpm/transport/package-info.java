/** The ways to a TPM: device node, UNIX socket, TCP. Bytes in, bytes out. */
@NullMarked
package dev.cairn.backend.tpm.transport;

import org.jspecify.annotations.NullMarked;
