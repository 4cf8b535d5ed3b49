package dev.cairn.backend.tpm.command;

/**
 * Time and lives of a TPM.
 *
 * @param timeMillis since it got power
 * @param clockMillis over all its lives, as far as it was stored
 * @param resetCount grows with every TPM Reset: reboot, loss of power
 * @param restartCount grows with every TPM Restart or Resume (S4, S3); zero after a reset
 * @param safe whether the clock can be no less than in a life before
 * @see "TPM 2.0 Library Part 2, TPMS_TIME_INFO"
 */
public record TpmClock(
    long timeMillis, long clockMillis, long resetCount, long restartCount, boolean safe) {}
