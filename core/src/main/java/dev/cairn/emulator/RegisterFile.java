package dev.cairn.emulator;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterDescriptor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.List;

/**
 * Registers by their place in the profile, kept in a mapped register file. Knows no rules: whatever
 * may be extended is above. One thread at a time.
 */
final class RegisterFile implements AutoCloseable {
  private final LockedFile file;
  private final EmulatorProfile profile;
  private final HashAlgorithm[] banks;
  private final MessageDigest[] hashes;
  private final byte[][] resetValues;
  private final TwoSlotCell[] cells;
  private final TwoSlotCell lifeCell;
  private final byte[] value; // of the register in work
  private Life life;

  private RegisterFile(LockedFile file, EmulatorProfile profile, ByteBuffer map)
      throws BackendException {
    this.file = file;
    this.profile = profile;
    List<RegisterDescriptor> registers = profile.registers();
    this.banks = profile.banks().toArray(HashAlgorithm[]::new);
    this.hashes = new MessageDigest[banks.length];
    for (int i = 0; i < banks.length; i++) {
      hashes[i] = banks[i].newDigest();
    }
    this.value = new byte[RegisterFileLayout.valueBytes(profile)];
    this.resetValues = new byte[registers.size()][];
    this.cells = new TwoSlotCell[registers.size()];
    for (int i = 0; i < cells.length; i++) {
      resetValues[i] = concatenated(registers.get(i).resetValue());
      cells[i] = new TwoSlotCell(map, RegisterFileLayout.registerAt(profile, i), value.length);
    }
    this.lifeCell = new TwoSlotCell(map, RegisterFileLayout.LIFE_AT, RegisterFileLayout.LIFE_BYTES);
    this.life = loadLife();
    if (life.isOfAnEarlierHostBoot()) {
      reboot(RebootKind.COLD);
    }
    for (int i = 0; i < cells.length; i++) {
      load(i);
    }
  }

  /** Opens {@code path} or, if it is not there or empty, makes it with reset values. */
  static RegisterFile open(Path path, EmulatorProfile profile) throws BackendException {
    LockedFile file = LockedFile.open(path, true);
    try {
      RegisterFileHeader.createIfEmpty(file, profile);
      RegisterFileHeader.check(file, profile);
      return new RegisterFile(file, profile, file.map());
    } catch (BackendException | RuntimeException e) {
      file.closeAfter(e);
      throw e;
    }
  }

  /** Opens {@code path}, which has to be there, with the profile that it is of. */
  static RegisterFile openExisting(Path path) throws BackendException {
    LockedFile file = LockedFile.open(path, false);
    try {
      EmulatorProfile profile = RegisterFileHeader.profileOf(file);
      RegisterFileHeader.check(file, profile);
      return new RegisterFile(file, profile, file.map());
    } catch (BackendException | RuntimeException e) {
      file.closeAfter(e);
      throw e;
    }
  }

  Life life() {
    return life;
  }

  /** Makes the change in one step, for all registers. */
  void reboot(RebootKind kind) {
    life = life.after(kind);
    lifeCell.store(0, life.encode());
  }

  DigestSet read(int index) throws BackendException {
    load(index);
    Digest[] digests = new Digest[banks.length];
    int at = 0;
    for (int i = 0; i < banks.length; i++) {
      digests[i] = new Digest(banks[i], Bytes.copyOf(value, at, banks[i].sizeBytes()));
      at += banks[i].sizeBytes();
    }
    return DigestSet.of(digests);
  }

  /** Extends every bank, in one step; {@code digests} has exactly the banks of the profile. */
  void extend(int index, DigestSet digests) throws BackendException {
    load(index);
    int at = 0;
    for (int i = 0; i < banks.length; i++) {
      int size = banks[i].sizeBytes();
      MessageDigest hash = hashes[i];
      hash.update(value, at, size);
      digests.at(i).value().feed(hash);
      try {
        hash.digest(value, at, size);
      } catch (DigestException e) {
        throw new IllegalStateException(banks[i] + ": digest does not fit", e);
      }
      at += size;
    }
    cells[index].store(life.generation(), value);
  }

  void reset(int index) {
    cells[index].store(life.generation(), resetValues[index]);
  }

  @Override
  public void close() throws BackendException {
    file.close();
  }

  /** Fills {@link #value}. */
  private void load(int index) throws BackendException {
    TwoSlotCell cell = cells[index];
    int writtenIn = (int) (cell.word() >>> Integer.SIZE);
    if (writtenIn == life.generation()) {
      if (!cell.load(value)) {
        throw damaged(index, "its checksum is wrong");
      }
    } else if (writtenIn > life.generation() || writtenIn < 0) {
      throw damaged(index, "it is of generation %d".formatted(writtenIn));
    } else {
      System.arraycopy(resetValues[index], 0, value, 0, value.length);
    }
  }

  private BackendException damaged(int index, String why) {
    return new BackendException(
        profile.registers().get(index).id(),
        Outcome.UNKNOWN,
        "read",
        "register file %s is damaged: %s; remove the file for a cold boot"
            .formatted(file.path(), why),
        null);
  }

  private Life loadLife() throws BackendException {
    byte[] encoded = new byte[RegisterFileLayout.LIFE_BYTES];
    if (!lifeCell.load(encoded)) {
      throw file.refusal(
          "is damaged: the checksum of its life is wrong; remove it for a cold boot");
    }
    return Life.decode(encoded);
  }

  private static byte[] concatenated(DigestSet values) {
    int length = 0;
    for (Digest digest : values) {
      length += digest.value().length();
    }
    byte[] all = new byte[length];
    int at = 0;
    for (Digest digest : values) {
      digest.value().copyTo(all, at);
      at += digest.value().length();
    }
    return all;
  }
}
