/**
 * The log on disk: segments of plain CEL-TLV, a derived index and checkpoints, snapshots to read
 * them, and the journal of idempotency keys.
 *
 * <p>Knows files, not registers: nothing here extends or replays. A segment is the standard format
 * itself; index and checkpoints may be deleted at any time. Threads: one writer; snapshots may be
 * taken and read anywhere and see committed records only.
 *
 * <pre>
 * state/lock                              {@link dev.cairn.store.LogStore}: one instance
 * state/epochs/0000000000-1f2e3d4c/       {@link dev.cairn.store.EpochLog}: one life of the registers
 *   epoch.json                            {@link dev.cairn.store.EpochHeader}
 *   keys                                  {@link dev.cairn.store.KeyJournal}
 *   00000000000000000000.cel .idx .ckp    one segment, its index, its checkpoints
 * </pre>
 */
@NullMarked
package dev.cairn.store;

import org.jspecify.annotations.NullMarked;
