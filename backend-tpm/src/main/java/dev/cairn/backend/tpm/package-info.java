/** A TPM 2.0 as a backend: its PCRs, and quotes of them. */
@NullMarked
package dev.cairn.backend.tpm;

import org.jspecify.annotations.NullMarked;
