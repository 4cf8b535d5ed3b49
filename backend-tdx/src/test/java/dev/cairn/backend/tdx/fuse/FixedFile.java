package dev.cairn.backend.tdx.fuse;

import java.util.Arrays;
import java.util.function.Supplier;

/** A file that is only read; what it holds is asked at every open. */
public final class FixedFile extends RegularFile {
  private final Supplier<byte[]> content;

  /** Makes one of mode {@code permissions}. */
  public FixedFile(int permissions, Supplier<byte[]> content) {
    super(permissions);
    this.content = content;
  }

  @Override
  public OpenFile open(Caller caller, boolean reading, boolean writing) throws Refusal {
    if (writing) {
      throw new Refusal(Errno.EACCES);
    }
    byte[] bytes = content.get();
    return new OpenFile() {
      @Override
      public byte[] read(long offset, int most) {
        int from = (int) Math.min(offset, bytes.length);
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + most));
      }
    };
  }

  @Override
  public long size() {
    return content.get().length;
  }
}
