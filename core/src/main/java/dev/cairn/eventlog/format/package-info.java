/** The one door to all formats: recognises a log by its bytes, opens readers and writers. */
@NullMarked
package dev.cairn.eventlog.format;

import org.jspecify.annotations.NullMarked;
