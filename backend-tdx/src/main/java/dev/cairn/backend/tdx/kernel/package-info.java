/**
 * The kernel's interfaces to measurement registers: sysfs {@code measurements}, configfs {@code
 * tsm/rtmrs}, the ioctl of {@code /dev/tdx_guest}. Door: {@link
 * dev.cairn.backend.tdx.kernel.RegisterInterfaces}.
 *
 * <p>Knows what each system call does and which of its errors prove that nothing was extended; does
 * not know which registers are whose. One thread.
 */
@NullMarked
package dev.cairn.backend.tdx.kernel;

import org.jspecify.annotations.NullMarked;
