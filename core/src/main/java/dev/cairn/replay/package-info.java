/**
 * Replay and verification: pure functions over streams of records, in linear time and constant
 * memory, usable without a daemon.
 */
@NullMarked
package dev.cairn.replay;

import org.jspecify.annotations.NullMarked;
