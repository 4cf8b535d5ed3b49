package dev.cairn.backend.tpm.command;

/**
 * The commands that are used.
 *
 * @see "TPM 2.0 Library Part 2, TPM_CC"
 */
enum CommandCode {
  CREATE_PRIMARY(0x131, "TPM2_CreatePrimary", true),
  PCR_RESET(0x13D, "TPM2_PCR_Reset", true),
  STARTUP(0x144, "TPM2_Startup", false),
  NV_READ(0x14E, "TPM2_NV_Read", true),
  QUOTE(0x158, "TPM2_Quote", true),
  FLUSH_CONTEXT(0x165, "TPM2_FlushContext", false),
  NV_READ_PUBLIC(0x169, "TPM2_NV_ReadPublic", false),
  READ_PUBLIC(0x173, "TPM2_ReadPublic", false),
  GET_CAPABILITY(0x17A, "TPM2_GetCapability", false),
  GET_RANDOM(0x17B, "TPM2_GetRandom", false),
  GET_TEST_RESULT(0x17C, "TPM2_GetTestResult", false),
  PCR_READ(0x17E, "TPM2_PCR_Read", false),
  READ_CLOCK(0x181, "TPM2_ReadClock", false),
  PCR_EXTEND(0x182, "TPM2_PCR_Extend", true);

  private final int number;
  private final String spelling;
  private final boolean authorized;

  CommandCode(int number, String spelling, boolean authorized) {
    this.number = number;
    this.spelling = spelling;
    this.authorized = authorized;
  }

  int number() {
    return number;
  }

  /** Whether it carries an authorization, and its response the answer to that. */
  boolean authorized() {
    return authorized;
  }

  /** Returns the name in the specification, for messages. */
  @Override
  public String toString() {
    return spelling;
  }
}
