package dev.cairn.emulator;

import dev.cairn.measure.HashAlgorithm;

/**
 * The register file of the emulator, version 1. Big-endian; every cell is a {@link TwoSlotCell}.
 *
 * <pre>
 * offset   size  field
 *      0      8  magic, ASCII "CAIRNREG"
 *      8      4  version, 1
 *     12      4  CRC-32C of the magic, the version and the profile
 *     16     16  profile, ASCII "tdx" or "tpm", zero-padded
 *     32   C(56) life: one cell
 *    256   C(P)  registers in the order of the profile: one cell each, P = size of all banks
 *
 * life:    16    boot id, a random UUID: what the emulated kernel calls itself
 *          16    boot id of the machine that the emulator runs on, or zeros if it has none
 *           8    reset count
 *           8    restart count
 *           8    generation, 1 to 2^31 - 1: how often the registers have been reset, all at once
 *
 * register: values of the banks, ascending, without gaps; the upper half of the cell's word is the
 *           generation they were written in. A register of an older generation (also one that was
 *           never written: 0) has its reset value, so that one store resets them all.
 * </pre>
 *
 * <p>Another version is another format: the file holds nothing worth a migration.
 */
final class RegisterFileLayout {
  static final long MAGIC = 0x43414952_4E524547L;
  static final int VERSION = 1;

  static final int VERSION_AT = Long.BYTES;
  static final int CHECKSUM_AT = VERSION_AT + Integer.BYTES;
  static final int PROFILE_AT = CHECKSUM_AT + Integer.BYTES;
  static final int PROFILE_BYTES = 16;
  static final int LIFE_AT = PROFILE_AT + PROFILE_BYTES;
  static final int REGISTERS_AT = 256;

  static final int UUID_BYTES = 2 * Long.BYTES;
  static final int HOST_BOOT = UUID_BYTES;
  static final int RESET_COUNT = HOST_BOOT + UUID_BYTES;
  static final int RESTART_COUNT = RESET_COUNT + Long.BYTES;
  static final int GENERATION = RESTART_COUNT + Long.BYTES;
  static final int LIFE_BYTES = GENERATION + Long.BYTES;

  private RegisterFileLayout() {}

  static int valueBytes(EmulatorProfile profile) {
    return profile.banks().stream().mapToInt(HashAlgorithm::sizeBytes).sum();
  }

  static int registerAt(EmulatorProfile profile, int index) {
    return REGISTERS_AT + index * TwoSlotCell.sizeBytes(valueBytes(profile));
  }

  static int fileBytes(EmulatorProfile profile) {
    return registerAt(profile, profile.registers().size());
  }
}
