package dev.cairn.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The log could not be written; {@link #recovered()} says whether it can be tried again. */
public class StorageException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Path file;
  private final boolean recovered;

  /**
   * E.g. {@code epochs/…/00000000000000000000.cel: append of 812 bytes at 4096: Input/output error;
   * cut back, nothing of it is left}.
   *
   * @param recovered whether the log is durably as it was before the call
   * @param what what was tried and what is left of it
   */
  StorageException(Path file, boolean recovered, String what, @Nullable Throwable cause) {
    super("%s: %s%s".formatted(file, what, cause == null ? "" : ": " + cause.getMessage()), cause);
    this.file = file;
    this.recovered = recovered;
  }

  /** Makes one after which the call may be repeated; a {@link StorageFullException} if it fits. */
  static StorageException recovered(Path file, String what, IOException cause) {
    return isFull(cause)
        ? new StorageFullException(file, what + "; make space", cause)
        : new StorageException(file, true, what, cause);
  }

  /** Makes one after which nothing is written any more. */
  static StorageException last(Path file, String what, IOException cause) {
    return new StorageException(
        file, false, what + "; Cairn writes no more, restart it when the disk works", cause);
  }

  /** Makes one that refuses a call because of an earlier failure. */
  static StorageException refused(Path file, StorageException earlier) {
    return new StorageException(file, false, "refused, an earlier failure is final", earlier);
  }

  /** Java gives the text of ENOSPC and EDQUOT only, in English unless the system has others. */
  private static boolean isFull(IOException cause) {
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("no space left") || text.contains("quota exceeded");
  }

  /** Returns the file it is about; null after serialization. */
  public final @Nullable Path file() {
    return file;
  }

  /**
   * Returns whether the log is durably as it was before the call, so that a later call may work.
   * Otherwise the failure is final: every later change is refused until the log is opened again.
   */
  public final boolean recovered() {
    return recovered;
  }
}
