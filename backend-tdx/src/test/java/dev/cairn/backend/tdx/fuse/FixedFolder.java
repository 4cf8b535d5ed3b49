package dev.cairn.backend.tdx.fuse;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** A folder that only its maker changes. */
public final class FixedFolder extends Folder {
  private final SortedMap<String, Node> entries = new TreeMap<>();

  @Override
  public SortedMap<String, Node> entries() {
    return Collections.unmodifiableSortedMap(entries);
  }

  @Override
  public boolean remembered() {
    return true;
  }

  /** Puts {@code node} at {@code path}, e.g. {@code class/misc}, making the folders before it. */
  public void put(String path, Node node) {
    int slash = path.indexOf('/');
    if (slash < 0) {
      entries.put(path, node);
      return;
    }
    Node next = entries.computeIfAbsent(path.substring(0, slash), none -> new FixedFolder());
    if (!(next instanceof FixedFolder folder)) {
      throw new IllegalArgumentException(path + ": goes through something else than a folder");
    }
    folder.put(path.substring(slash + 1), node);
  }
}
