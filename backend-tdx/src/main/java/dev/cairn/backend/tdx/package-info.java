/** RTMRs through the kernel's tsm interfaces, and quotes of them. */
@NullMarked
package dev.cairn.backend.tdx;

import org.jspecify.annotations.NullMarked;
