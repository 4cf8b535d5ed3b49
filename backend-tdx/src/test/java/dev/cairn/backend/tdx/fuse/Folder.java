package dev.cairn.backend.tdx.fuse;

import java.util.SortedMap;

/** A folder. What it holds is asked anew each time. */
public abstract non-sealed class Folder extends Node {
  private static final int MODE = 0755;

  protected Folder() {
    super(MODE);
  }

  /** Returns what is in it now. */
  public abstract SortedMap<String, Node> entries();

  /**
   * Returns whether the kernel may remember what it has found here. A node that has gone refuses
   * what is done with it.
   */
  public boolean remembered() {
    return false;
  }

  /** Makes a folder in it; refused unless overridden. */
  public void makeFolder(String name) throws Refusal {
    throw new Refusal(Errno.EPERM);
  }

  /** Removes a folder in it; refused unless overridden. */
  public void removeFolder(String name) throws Refusal {
    throw new Refusal(Errno.EPERM);
  }

  @Override
  final int type() {
    return 0040000;
  }

  @Override
  final long size() {
    return 0;
  }
}
