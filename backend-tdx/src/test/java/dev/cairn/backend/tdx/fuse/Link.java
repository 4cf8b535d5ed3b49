package dev.cairn.backend.tdx.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A symbolic link. */
public final class Link extends Node {
  private static final int MODE = 0777;

  private final String target;

  /** Points to {@code target}, relative to its own folder. */
  public Link(String target) {
    super(MODE);
    this.target = target;
  }

  byte[] target() {
    return target.getBytes(UTF_8);
  }

  @Override
  int type() {
    return 0120000;
  }

  @Override
  long size() {
    return target().length;
  }
}
