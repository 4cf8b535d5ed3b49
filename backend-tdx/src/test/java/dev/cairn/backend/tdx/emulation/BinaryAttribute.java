package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.OpenFile;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.RegularFile;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A binary attribute of configfs: a buffer per open file, filled by the first read, committed at
 * the last close. Nobody learns what came of the commit.
 *
 * @see "Linux 7.3 fs/configfs/file.c (configfs_bin_read_iter, configfs_bin_write_iter,
 *     configfs_release_bin_file)"
 */
final class BinaryAttribute extends RegularFile {
  /** Makes the whole content. */
  interface Fill {
    byte[] fill() throws Refusal;
  }

  /** Takes the whole content. */
  interface Commit {
    void commit(byte[] content) throws Refusal;
  }

  private final Item item;
  private final int most;
  private final @Nullable Fill fill;
  private final @Nullable Commit commit;

  private BinaryAttribute(
      int mode, Item item, int most, @Nullable Fill fill, @Nullable Commit commit) {
    super(mode);
    this.item = item;
    this.most = most;
    this.fill = fill;
    this.commit = commit;
  }

  static BinaryAttribute readOnly(Item item, int most, Fill fill) {
    return new BinaryAttribute(0444, item, most, fill, null);
  }

  static BinaryAttribute writeOnly(Item item, int most, Commit commit) {
    return new BinaryAttribute(0200, item, most, null, commit);
  }

  static BinaryAttribute readWrite(Item item, int most, Fill fill, Commit commit) {
    return new BinaryAttribute(0644, item, most, fill, commit);
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public OpenFile open(Caller caller, boolean reading, boolean writing) throws Refusal {
    if ((reading && fill == null) || (writing && commit == null)) {
      throw new Refusal(Errno.EACCES);
    }
    return new Open();
  }

  private final class Open implements OpenFile {
    private byte[] buffer = new byte[0];
    private boolean filled;
    private boolean reading;
    private boolean writing;

    @Override
    public byte[] read(long offset, int count) throws Refusal {
      if (writing) {
        throw new Refusal(Errno.ETXTBSY);
      }
      reading = true;
      if (!filled && fill != null) {
        item.requireThere();
        byte[] content = fill.fill();
        if (content.length > most) {
          throw new Refusal(Errno.EFBIG);
        }
        buffer = content;
        filled = content.length > 0;
      }
      int from = (int) Math.min(offset, buffer.length);
      return Arrays.copyOfRange(buffer, from, (int) Math.min(buffer.length, offset + count));
    }

    @Override
    public int write(long offset, byte[] bytes) throws Refusal {
      if (reading) {
        throw new Refusal(Errno.ETXTBSY);
      }
      writing = true; // from here on, close commits whatever is there
      long end = offset + bytes.length;
      if (end > most) {
        throw new Refusal(Errno.EFBIG);
      }
      if (end > buffer.length) {
        buffer = Arrays.copyOf(buffer, (int) end);
      }
      System.arraycopy(bytes, 0, buffer, (int) offset, bytes.length);
      return bytes.length;
    }

    @Override
    public void release() {
      if (!writing || commit == null || !item.isThere()) {
        return;
      }
      try {
        commit.commit(buffer);
      } catch (Refusal e) {
        return; // as the kernel: close has returned 0 already
      }
    }
  }
}
