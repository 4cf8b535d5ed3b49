/**
 * The measured log: the only place where log and register meet.
 *
 * <p>{@link dev.cairn.service.MeasuredLog} is the door. Any thread may call it; one thread of its
 * own, the sequencer's, owns the log's tail and the backend.
 */
@NullMarked
package dev.cairn.service;

import org.jspecify.annotations.NullMarked;
