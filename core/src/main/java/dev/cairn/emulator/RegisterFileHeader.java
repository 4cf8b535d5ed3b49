package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The fixed part of a register file: written once, checked at every open. */
final class RegisterFileHeader {
  private static final String START_AFRESH = "; remove it for a cold boot, or give another path";

  private RegisterFileHeader() {}

  /**
   * Writes a new register file, if there is none yet. First zeros, so that all blocks are there and
   * no store into the mapping can fail for want of space; then everything that is not zero in one
   * write. What a kill leaves behind is all zeros, and taken for empty.
   */
  static void createIfEmpty(LockedFile file, EmulatorProfile profile) throws BackendException {
    try {
      int size = RegisterFileLayout.fileBytes(profile);
      if (file.size() > size || !isAllZeros(file.read(0, size))) {
        return;
      }
      file.write(0, ByteBuffer.allocate(size));
      ByteBuffer start = ByteBuffer.allocate(RegisterFileLayout.REGISTERS_AT);
      start.put(0, fixedPart(profile));
      new TwoSlotCell(start, RegisterFileLayout.LIFE_AT, RegisterFileLayout.LIFE_BYTES)
          .store(0, Life.first().encode());
      file.write(0, start);
    } catch (IOException e) {
      throw file.refusal("cannot be made", e);
    }
  }

  /** Refuses what is not a register file of {@code profile}. */
  static void check(LockedFile file, EmulatorProfile profile) throws BackendException {
    EmulatorProfile found = profileOf(file);
    if (found != profile) {
      throw file.refusal(
          "is of profile %s, not %s; start with that profile, or give another path"
              .formatted(found.profileName(), profile.profileName()));
    }
    int size = RegisterFileLayout.fileBytes(profile);
    if (file.size() != size) {
      throw file.refusal(
          "is damaged: %d bytes, needs %d%s".formatted(file.size(), size, START_AFRESH));
    }
  }

  /** Returns the profile that the file says it is of. */
  static EmulatorProfile profileOf(LockedFile file) throws BackendException {
    byte[] found;
    try {
      found = file.read(0, RegisterFileLayout.LIFE_AT);
    } catch (IOException e) {
      throw file.refusal("cannot be read", e);
    }
    ByteBuffer header = ByteBuffer.wrap(found);
    if (found.length < RegisterFileLayout.LIFE_AT
        || header.getLong(0) != RegisterFileLayout.MAGIC) {
      throw file.refusal("is not a register file of the emulator; give another path");
    }
    int version = header.getInt(RegisterFileLayout.VERSION_AT);
    if (version != RegisterFileLayout.VERSION) {
      throw file.refusal(
          "has version %d, this is for version %d%s"
              .formatted(version, RegisterFileLayout.VERSION, START_AFRESH));
    }
    Optional<EmulatorProfile> profile =
        Arrays.stream(EmulatorProfile.values())
            .filter(candidate -> Arrays.equals(fixedPart(candidate), found))
            .findFirst();
    return profile.orElseThrow(
        () -> file.refusal("is damaged: no profile fits its header" + START_AFRESH));
  }

  private static byte[] fixedPart(EmulatorProfile profile) {
    ByteBuffer header = ByteBuffer.allocate(RegisterFileLayout.LIFE_AT);
    header.putLong(0, RegisterFileLayout.MAGIC);
    header.putInt(RegisterFileLayout.VERSION_AT, RegisterFileLayout.VERSION);
    header.put(
        RegisterFileLayout.PROFILE_AT, profile.profileName().getBytes(StandardCharsets.US_ASCII));
    CRC32C checksum = new CRC32C();
    checksum.update(header.array(), 0, RegisterFileLayout.CHECKSUM_AT);
    checksum.update(
        header.array(), RegisterFileLayout.PROFILE_AT, RegisterFileLayout.PROFILE_BYTES);
    header.putInt(RegisterFileLayout.CHECKSUM_AT, (int) checksum.getValue());
    return header.array();
  }

  private static boolean isAllZeros(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
