package dev.cairn.backend.tdx.report;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.ErrnoException;
import dev.cairn.linux.Folder;
import dev.cairn.measure.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * An entry of {@code tsm/report}, ours until it is closed.
 *
 * <pre>
 * provider    who makes reports: tdx_guest
 * generation  how often something was asked for; +1 when a written inblob is closed
 * inblob      what to ask with; committed at close, which never says what came of it
 * outblob     the report; made when it is read for the first time
 * </pre>
 *
 * Every access has a descriptor of its own: one that was read shows the same for ever.
 */
final class ReportEntry implements AutoCloseable {
  /** No quote is longer: the driver's buffer has 128 KiB. */
  static final int MAX_REPORT_BYTES = 1 << 20;

  private static final int READ_BYTES = 32 * 1024;
  private static final int MAX_TEXT_BYTES = 4096;

  private final Path entry;
  private final Descriptor lock;

  private ReportEntry(Path entry, Descriptor lock) {
    this.entry = entry;
    this.lock = lock;
  }

  /**
   * Takes an entry that is there.
   *
   * @throws ErrnoException EAGAIN if somebody else holds it
   */
  static ReportEntry hold(Path entry) throws ErrnoException {
    Descriptor lock = Descriptor.open(entry.resolve("generation"), Descriptor.O_RDONLY);
    try {
      lock.lock(Descriptor.LOCK_EX | Descriptor.LOCK_NB);
      return new ReportEntry(entry, lock);
    } catch (ErrnoException e) {
      lock.close();
      throw e;
    }
  }

  String provider() throws ErrnoException {
    return text("provider");
  }

  /**
   * Returns the counter, a u64.
   *
   * @throws NumberFormatException if it is none
   */
  long generation() throws ErrnoException {
    return Long.parseUnsignedLong(text("generation"));
  }

  private String text(String attribute) throws ErrnoException {
    return new String(read(attribute, MAX_TEXT_BYTES), US_ASCII).strip();
  }

  /**
   * Asks with {@code inblob}: one write, then close. Only {@link #generation()} shows whether it
   * was taken.
   *
   * @throws ErrnoException if the write was refused; what close commits then is undefined
   */
  void ask(Bytes inblob) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(inblob.length());
    inblob.copyTo(buffer);
    try (Descriptor file = Descriptor.open(entry.resolve("inblob"), Descriptor.O_WRONLY)) {
      file.write(buffer.flip()); // a short one leaves an inblob that no driver takes
    }
  }

  /**
   * Reads the report. Blocks for as long as the driver waits for the host: half a minute for TDX.
   *
   * @throws ErrnoException what the driver says; nothing is cached then, a further call asks anew
   */
  Bytes report() throws ErrnoException {
    return Bytes.owning(read("outblob", MAX_REPORT_BYTES));
  }

  /** Reads to the end, or one byte more than {@code most}. */
  private byte[] read(String attribute, int most) throws ErrnoException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    try (Descriptor file = Descriptor.open(entry.resolve(attribute), Descriptor.O_RDONLY)) {
      while (content.size() <= most && file.read(buffer.clear()) > 0) {
        byte[] part = new byte[buffer.flip().remaining()];
        buffer.get(part);
        content.writeBytes(part);
      }
    }
    return content.toByteArray();
  }

  /**
   * Removes the entry.
   *
   * @throws ErrnoException if that fails; the next start removes it then
   */
  @Override
  public void close() throws ErrnoException {
    try (lock) { // let go of last: nobody else finds it abandoned
      Folder.remove(entry);
    }
  }

  @Override
  public String toString() {
    return entry.toString();
  }
}
