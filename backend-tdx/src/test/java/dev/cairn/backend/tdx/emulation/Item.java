package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** An entry that a program has made in configfs, with its attributes; files may outlive it. */
abstract class Item extends Folder {
  private static final BigInteger MOST = BigInteger.valueOf(0xFFFF_FFFFL);

  private final SortedMap<String, Node> attributes = new TreeMap<>();
  private boolean there = true;

  protected final void add(String name, Node attribute) {
    attributes.put(name, attribute);
  }

  @Override
  public final SortedMap<String, Node> entries() {
    return Collections.unmodifiableSortedMap(attributes);
  }

  final boolean isThere() {
    return there;
  }

  final void requireThere() throws Refusal {
    if (!there) {
      throw new Refusal(Errno.ENOENT);
    }
  }

  /** It is removed, with its files. */
  void remove() {
    there = false;
  }

  /**
   * Reads a number as kstrtouint does: C prefixes, one line feed at most behind it.
   *
   * @throws Refusal EINVAL if it is none, ERANGE if it does not fit
   */
  static long number(String text) throws Refusal {
    String digits = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    digits = digits.startsWith("+") ? digits.substring(1) : digits;
    int base = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      base = 16;
      digits = digits.substring(2);
    } else if (digits.startsWith("0")) {
      base = 8;
    }
    if (!digits.matches("[0-9a-fA-F]+")) {
      throw new Refusal(Errno.EINVAL);
    }
    try {
      BigInteger value = new BigInteger(digits, base);
      if (value.compareTo(MOST) > 0) {
        throw new Refusal(Errno.ERANGE);
      }
      return value.longValue();
    } catch (NumberFormatException e) {
      throw new Refusal(Errno.EINVAL);
    }
  }
}
