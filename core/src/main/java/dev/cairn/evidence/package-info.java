/**
 * Quotes together with the log that explains them: what a verifier gets, and how it is checked.
 *
 * <p>{@link dev.cairn.evidence.EvidenceWriter} makes the document, {@link
 * dev.cairn.evidence.Evidence} reads it, {@link dev.cairn.evidence.EvidenceVerifier} finds out what
 * it is worth; kinds of quotes are checked by a {@link dev.cairn.evidence.QuoteVerifier} each.
 * Nothing here needs hardware or a daemon. Threads: every object is for one.
 */
@NullMarked
package dev.cairn.evidence;

import org.jspecify.annotations.NullMarked;
