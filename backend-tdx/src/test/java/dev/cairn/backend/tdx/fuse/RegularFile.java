package dev.cairn.backend.tdx.fuse;

/** A file. The mode is checked before it is opened. */
public abstract non-sealed class RegularFile extends Node {
  protected RegularFile(int permissions) {
    super(permissions);
  }

  /**
   * Opens it.
   *
   * @param reading whether it will be read
   * @param writing whether it will be written
   */
  public abstract OpenFile open(Caller caller, boolean reading, boolean writing) throws Refusal;

  @Override
  public abstract long size();

  @Override
  final int type() {
    return 0100000;
  }
}
