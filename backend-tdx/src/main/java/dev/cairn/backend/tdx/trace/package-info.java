/**
 * Extends by others, as the kernel saw them: its trace event {@code tsm_mr_write} names register,
 * digest and process of every successful extend. {@link dev.cairn.backend.tdx.trace.KernelTrace} is
 * the door.
 *
 * <p>The kernel keeps the records, in a ring buffer that belongs to Cairn alone and outlives it; no
 * thread follows it here. What it says is a hint: root can switch it off or write into it, and only
 * the value of a register proves an extend.
 */
@NullMarked
package dev.cairn.backend.tdx.trace;

import org.jspecify.annotations.NullMarked;
