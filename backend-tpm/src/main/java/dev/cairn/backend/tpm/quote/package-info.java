/**
 * Quotes of a TPM: how one is made, and how anybody checks it without a TPM.
 *
 * <p>Two doors. {@link dev.cairn.backend.tpm.quote.TpmQuoteVerifier} reads what came from somewhere
 * else and believes nothing of it; it knows no transport and sends no command. {@link
 * dev.cairn.backend.tpm.quote.TpmQuoteSource} makes quotes with the key that a {@link
 * dev.cairn.backend.tpm.quote.KeySetting} names; it belongs to the thread of the backend.
 */
@NullMarked
package dev.cairn.backend.tpm.quote;

import org.jspecify.annotations.NullMarked;
