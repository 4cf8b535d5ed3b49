package dev.cairn.backend.tdx.fuse;

/** A file, folder or link. Belongs to whoever runs the server until somebody changes that. */
public abstract sealed class Node permits Folder, Link, RegularFile {
  private static final int BITS = 07777;
  private static final int OF_USER = 6;
  private static final int OF_GROUP = 3;
  private static final int OF_ALL = 0111;

  private int permissions;
  private int uid = LibC.geteuid();
  private int gid = LibC.getegid();

  Node(int permissions) {
    this.permissions = permissions;
  }

  /** Returns the mode without the type, e.g. 0644. */
  public final int permissions() {
    return permissions;
  }

  /** Does what chmod(2) does. */
  public final void setPermissions(int mode) {
    permissions = mode & BITS;
  }

  /** Does what chown(2) does. */
  public final void setOwner(int newUid, int newGid) {
    uid = newUid;
    gid = newGid;
  }

  final int uid() {
    return uid;
  }

  final int gid() {
    return gid;
  }

  /** Returns the type as a mode has it: 0040000 folder, 0100000 file, 0120000 link. */
  abstract int type();

  /** Returns what stat(2) says, which need not be what can be read. */
  abstract long size();

  /**
   * Returns whether the mode lets {@code caller} do all of {@code wanted}: 4 read, 2 write. Root
   * may do what anybody may do: a file without such a bit refuses root as well.
   */
  final boolean allows(Caller caller, int wanted) {
    if (caller.uid() == 0) {
      for (int bit = 1; bit <= 4; bit <<= 1) {
        if ((wanted & bit) != 0 && (permissions & bit * OF_ALL) == 0) {
          return false;
        }
      }
      return true;
    }
    int shift = caller.uid() == uid ? OF_USER : caller.gid() == gid ? OF_GROUP : 0;
    return (permissions >> shift & wanted) == wanted;
  }

  /** Returns whether {@code caller} may change mode and owner. */
  final boolean isOwnedBy(Caller caller) {
    return caller.uid() == 0 || caller.uid() == uid;
  }
}
