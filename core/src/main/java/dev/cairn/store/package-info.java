/**
 * The log on disk: segments of plain CEL-TLV, a derived index, cursors to read them.
 *
 * <p>Knows files, not registers: nothing here extends or replays. A segment is the standard format
 * itself; the index may be deleted at any time. Threads: one writer; cursors may be opened and read
 * anywhere and see committed records only.
 */
@NullMarked
package dev.cairn.store;

import org.jspecify.annotations.NullMarked;
