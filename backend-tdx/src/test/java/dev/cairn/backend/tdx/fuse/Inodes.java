package dev.cairn.backend.tdx.fuse;

import java.util.HashMap;
import java.util.Map;

/** The numbers by which the kernel knows nodes, for as long as it does. */
final class Inodes {
  static final long ROOT = 1;

  private static final class Known {
    final Node node;
    final long number;
    long lookups;

    Known(Node node, long number) {
      this.node = node;
      this.number = number;
    }
  }

  private final Map<Long, Known> byNumber = new HashMap<>();
  private final Map<Node, Known> byNode = new HashMap<>();
  private long last = ROOT;

  Inodes(Folder root) {
    Known known = new Known(root, ROOT);
    known.lookups = 1;
    byNumber.put(ROOT, known);
    byNode.put(root, known);
  }

  Node node(long number) throws Refusal {
    Known known = byNumber.get(number);
    if (known == null) {
      throw new Refusal(Errno.ENOENT);
    }
    return known.node;
  }

  Folder folder(long number) throws Refusal {
    if (node(number) instanceof Folder folder) {
      return folder;
    }
    throw new Refusal(Errno.ENOTDIR);
  }

  /** Returns the number of {@code node}, which the kernel will know from now on. */
  long lookup(Node node) {
    Known known = byNode.computeIfAbsent(node, this::add);
    known.lookups++;
    return known.number;
  }

  private Known add(Node node) {
    Known known = new Known(node, ++last);
    byNumber.put(known.number, known);
    return known;
  }

  /** The kernel forgets {@code count} lookups. */
  void forget(long number, long count) {
    Known known = byNumber.get(number);
    if (known != null && number != ROOT) {
      known.lookups -= count;
      if (known.lookups <= 0) {
        byNumber.remove(number);
        byNode.remove(known.node);
      }
    }
  }
}
