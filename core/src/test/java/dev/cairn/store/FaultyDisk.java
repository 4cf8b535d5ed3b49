package dev.cairn.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** The real disk, on which one chosen call fails. Counts calls from the arming on, from 1. */
final class FaultyDisk implements Disk {
  /** What can be counted and fail. */
  enum Call {
    CREATE_DIRECTORY,
    CREATE,
    OPEN,
    REPLACE,
    DELETE,
    SYNC_DIRECTORY,
    WRITE,
    TRUNCATE,
    SYNC,
    CLOSE
  }

  /** How it fails. */
  enum Fault {
    /** No effect. */
    NO_SPACE("No space left on device"),
    /** No effect. */
    IO_ERROR("Input/output error"),
    /** A write takes half of its bytes, the next one fails; other calls fail at once. */
    SHORT("No space left on device");

    private final String message;

    Fault(String message) {
      this.message = message;
    }
  }

  private final Disk disk;
  private Set<Call> counted = EnumSet.noneOf(Call.class);
  private Fault fault = Fault.IO_ERROR;
  private int countdown = -1; // no fault
  private int calls;
  private int failing; // so many calls of those counted
  private boolean failNextWrite;

  FaultyDisk(Disk disk) {
    this.disk = disk;
  }

  /** Makes the {@code k}-th call of {@code kinds} fail, once. */
  void failAt(int k, Fault how, Call... kinds) {
    failFrom(k, 1, how, kinds);
  }

  /** Makes {@code count} calls of {@code kinds} fail, the {@code k}-th first. */
  void failFrom(int k, int count, Fault how, Call... kinds) {
    fault = how;
    countdown = k;
    failing = count;
    failNextWrite = false;
    calls = 0;
    counted = EnumSet.of(kinds[0], kinds);
  }

  /** Makes the {@code k}-th call fail, once, whatever it is. */
  void failAt(int k, Fault how) {
    failAt(k, how, Call.values());
  }

  /** Ends the faults. */
  void heal() {
    countdown = -1;
    failing = 0;
    failNextWrite = false;
  }

  /** Returns how many of the counted calls there were. */
  int calls() {
    return calls;
  }

  /** Returns whether this call has to fail. */
  private boolean fails(Call call) {
    if (!counted.contains(call)) {
      return false;
    }
    calls++;
    if (countdown < 0 || calls < countdown || failing == 0) {
      return false;
    }
    failing--;
    return true;
  }

  private void check(Call call) throws IOException {
    if (fails(call)) {
      throw new IOException(fault.message);
    }
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    check(Call.CREATE_DIRECTORY);
    disk.createDirectory(directory);
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    check(Call.CREATE);
    return new FaultyFile(disk.create(file));
  }

  @Override
  public WritableFile open(Path file) throws IOException {
    check(Call.OPEN);
    return new FaultyFile(disk.open(file));
  }

  @Override
  public void replace(Path from, Path to) throws IOException {
    check(Call.REPLACE);
    disk.replace(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    check(Call.DELETE);
    disk.delete(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    check(Call.SYNC_DIRECTORY);
    disk.syncDirectory(directory);
  }

  private final class FaultyFile implements WritableFile {
    private final WritableFile file;

    FaultyFile(WritableFile file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes, long offset) throws IOException {
      if (failNextWrite) {
        failNextWrite = false;
        throw new IOException(fault.message);
      }
      if (!fails(Call.WRITE)) {
        return file.write(bytes, offset);
      }
      if (fault != Fault.SHORT || bytes.remaining() < 2) {
        throw new IOException(fault.message);
      }
      failNextWrite = true;
      int half = bytes.remaining() / 2;
      int taken = file.write(bytes.slice(bytes.position(), half), offset);
      bytes.position(bytes.position() + taken);
      return taken;
    }

    @Override
    public void truncate(long length) throws IOException {
      check(Call.TRUNCATE);
      file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      check(Call.SYNC);
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close(); // never leak, even when it reports a failure
      check(Call.CLOSE);
    }
  }
}
