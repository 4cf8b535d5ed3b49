package dev.cairn.backend.tdx.emulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.backend.tdx.fuse.Caller;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.OpenFile;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.RegularFile;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text attribute of configfs: each write is one whole store, and its error that of the write.
 *
 * @see "Linux 7.3 fs/configfs/file.c"
 */
final class TextAttribute extends RegularFile {
  /** Makes the text. */
  interface Show {
    String show() throws Refusal;
  }

  /** Takes a text. */
  interface Store {
    void store(String text) throws Refusal;
  }

  private static final int PAGE = 4096;
  private static final int MOST_STORED = PAGE - 1;

  private final Item item;
  private final @Nullable Show show;
  private final @Nullable Store store;

  private TextAttribute(int mode, Item item, @Nullable Show show, @Nullable Store store) {
    super(mode);
    this.item = item;
    this.show = show;
    this.store = store;
  }

  static TextAttribute readOnly(Item item, Show show) {
    return new TextAttribute(0444, item, show, null);
  }

  static TextAttribute writeOnly(Item item, Store store) {
    return new TextAttribute(0200, item, null, store);
  }

  static TextAttribute readWrite(Item item, Show show, Store store) {
    return new TextAttribute(0644, item, show, store);
  }

  @Override
  public long size() {
    return PAGE;
  }

  @Override
  public OpenFile open(Caller caller, boolean reading, boolean writing) throws Refusal {
    if ((reading && show == null) || (writing && store == null)) {
      throw new Refusal(Errno.EACCES);
    }
    return new Open();
  }

  private final class Open implements OpenFile {
    private byte @Nullable [] text;

    @Override
    public byte[] read(long offset, int most) throws Refusal {
      if (show == null) {
        throw new Refusal(Errno.EACCES);
      }
      if (text == null) {
        item.requireThere();
        text = show.show().getBytes(US_ASCII);
      }
      int from = (int) Math.min(offset, text.length);
      return Arrays.copyOfRange(text, from, (int) Math.min(text.length, offset + most));
    }

    @Override
    public int write(long offset, byte[] bytes) throws Refusal {
      if (store == null) {
        throw new Refusal(Errno.EACCES);
      }
      item.requireThere();
      int count = Math.min(bytes.length, MOST_STORED);
      store.store(new String(bytes, 0, count, US_ASCII));
      text = null;
      return count;
    }
  }
}
