/**
 * Measurement registers in a file: a backend like any other, as strict as the hardware, for
 * development and tests. Never chosen unless asked for by name.
 *
 * <p>{@link dev.cairn.emulator.EmulatorBackend} is the door; {@link
 * dev.cairn.emulator.EmulatorProfile} says which registers there are, {@link
 * dev.cairn.emulator.Fault} what goes wrong and when. Nothing here keeps a log. Threads: calls are
 * serialised, as by the lock of a driver.
 */
@NullMarked
package dev.cairn.emulator;

import org.jspecify.annotations.NullMarked;
