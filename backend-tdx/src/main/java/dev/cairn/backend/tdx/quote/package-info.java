/**
 * What TDX signs: TDREPORTs and quotes of versions 4 and 5, how they are read, checked, and had
 * from the kernel. Parsers and verifier work offline and on any machine.
 */
@NullMarked
package dev.cairn.backend.tdx.quote;

import org.jspecify.annotations.NullMarked;
