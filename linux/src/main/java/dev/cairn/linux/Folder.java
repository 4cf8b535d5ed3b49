package dev.cairn.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.file.Path;

/**
 * Making and removing folders where that is a request to a driver: in configfs, a folder is an
 * object of the kernel, and the errno says what the driver thinks of it.
 */
public final class Folder {
  private static final int MODE = 0700;

  private Folder() {}

  /**
   * Makes {@code folder} for its owner alone; configfs chooses the mode itself.
   *
   * @throws ErrnoException with EEXIST if the name is taken, ENOENT without a parent, or whatever
   *     the driver says
   */
  public static void make(Path folder) throws ErrnoException {
    try {
      LibC.mkdir(folder.toString(), MODE);
    } catch (LastErrorException e) {
      throw new ErrnoException("mkdir", folder.toString(), e.getErrorCode());
    }
  }

  /**
   * Removes {@code folder}, which has to be empty; one of configfs may hold the files that it was
   * made with.
   *
   * @throws ErrnoException with ENOENT if it is not there, or whatever the driver says
   */
  public static void remove(Path folder) throws ErrnoException {
    try {
      LibC.rmdir(folder.toString());
    } catch (LastErrorException e) {
      throw new ErrnoException("rmdir", folder.toString(), e.getErrorCode());
    }
  }

  /** Loads JNA when it is first used, not when this class is. */
  private static final class LibC {
    static {
      Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int mkdir(String path, int mode) throws LastErrorException;

    static native int rmdir(String path) throws LastErrorException;
  }
}
