/**
 * Measurement registers in a file: a backend like any other, as strict as the hardware, for
 * development and tests. Never chosen unless asked for by name.
 */
@NullMarked
package dev.cairn.emulator;

import org.jspecify.annotations.NullMarked;
