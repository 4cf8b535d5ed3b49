/**
 * FUSE spoken straight over {@code /dev/fuse}: a tree of {@link Node}s that other processes see as
 * files, with the errno at each call that the tree chooses. Knows nothing of registers. One thread
 * per mount answers one request after another, holding the lock that it was given.
 *
 * <p>What it cannot show: a zero-length write is never sent by the kernel; {@code lseek} never
 * fails; an error at close is that of the flush, not that of the last release.
 *
 * @see "Linux include/uapi/linux/fuse.h, version 7.31"
 */
@NullMarked
package dev.cairn.backend.tdx.fuse;

import org.jspecify.annotations.NullMarked;
