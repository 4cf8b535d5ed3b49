/**
 * The kernel's interfaces to measurement registers, as files with the kernel's errno at each call:
 * sysfs {@code measurements}, configfs {@code tsm/rtmrs} (the RFC) and {@code tsm/report}, the
 * ioctl of {@code /dev/tdx_guest}. Door: {@link EmulatedKernel}. Shares no code with the backend.
 *
 * @see "Linux 7.3 drivers/virt/coco/guest/{tsm-mr,report}.c, drivers/virt/coco/tdx-guest/,
 *     fs/configfs/file.c, fs/sysfs/file.c; the RFC 'tsm: Runtime measurement registers ABI' v2"
 */
@NullMarked
package dev.cairn.backend.tdx.emulation;

import org.jspecify.annotations.NullMarked;
