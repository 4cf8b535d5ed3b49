package dev.cairn.measure;

import java.util.OptionalLong;

/**
 * Tells one life of the registers (from cold boot to cold boot) from the next, as far as the
 * machine can tell. None of the three decides alone: kexec changes the boot id and keeps the
 * registers, S4 keeps the reset count and zeroes them.
 *
 * @param bootId the kernel's boot id, or the emulator's stand-in for it
 * @param resetCount resetCount of TPM2_ReadClock; nothing where the hardware has no such counter
 * @param restartCount restartCount of TPM2_ReadClock; nothing where there is none
 * @see "TPM 2.0 Library Part 1, Clock; Linux /proc/sys/kernel/random/boot_id"
 */
public record RegisterLife(String bootId, OptionalLong resetCount, OptionalLong restartCount) {}
