/** The binary measurement list of Linux IMA. */
@NullMarked
package dev.cairn.eventlog.ima;

import org.jspecify.annotations.NullMarked;
