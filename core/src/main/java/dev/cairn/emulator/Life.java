package dev.cairn.emulator;

import dev.cairn.measure.RegisterLife;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The life of the registers as the register file holds it.
 *
 * @param bootId of the emulated machine
 * @param hostBoot of the machine below, {@link #NO_HOST} if that cannot be told
 * @param generation how often all registers were reset, from 1
 */
record Life(UUID bootId, UUID hostBoot, long resetCount, long restartCount, int generation) {
  static final UUID NO_HOST = new UUID(0, 0);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  static Life first() {
    return new Life(UUID.randomUUID(), currentHostBoot(), 1, 0, 1);
  }

  Life after(RebootKind kind) {
    return switch (kind) {
      case COLD ->
          new Life(UUID.randomUUID(), currentHostBoot(), resetCount + 1, 0, generation + 1);
      case KEXEC ->
          new Life(UUID.randomUUID(), currentHostBoot(), resetCount, restartCount, generation);
      case HIBERNATION ->
          new Life(bootId, currentHostBoot(), resetCount, restartCount + 1, generation + 1);
    };
  }

  /**
   * Returns whether the machine below has been booted since. Registers of hardware would be gone;
   * those in the file may be, in part, for nobody has synced them.
   */
  boolean isOfAnEarlierHostBoot() {
    UUID now = currentHostBoot();
    return !now.equals(NO_HOST) && !hostBoot.equals(NO_HOST) && !now.equals(hostBoot);
  }

  RegisterLife toRegisterLife() {
    return new RegisterLife(
        bootId.toString(), OptionalLong.of(resetCount), OptionalLong.of(restartCount));
  }

  byte[] encode() {
    ByteBuffer life = ByteBuffer.allocate(RegisterFileLayout.LIFE_BYTES);
    put(life, bootId);
    put(life, hostBoot);
    return life.putLong(resetCount).putLong(restartCount).putLong(generation).array();
  }

  static Life decode(byte[] encoded) {
    ByteBuffer life = ByteBuffer.wrap(encoded);
    return new Life(
        new UUID(life.getLong(), life.getLong()),
        new UUID(life.getLong(), life.getLong()),
        life.getLong(),
        life.getLong(),
        Math.toIntExact(life.getLong()));
  }

  private static void put(ByteBuffer target, UUID id) {
    target.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  /** Not every system has one: without it only {@link EmulatorBackend#reboot} resets registers. */
  private static UUID currentHostBoot() {
    try {
      return UUID.fromString(Files.readString(BOOT_ID).strip());
    } catch (IOException | IllegalArgumentException e) {
      return NO_HOST;
    }
  }
}
