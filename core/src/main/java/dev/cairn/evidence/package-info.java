/** Quotes together with the log that explains them: what a verifier gets, and how it is checked. */
@NullMarked
package dev.cairn.evidence;

import org.jspecify.annotations.NullMarked;
