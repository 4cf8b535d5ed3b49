package dev.cairn.store;

import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The newest keys, found by their hash: a ring of encoded entries and a table with linear probing
 * that points into it. Memory is fixed: 84 bytes and at most 16 of the table per key. One thread.
 */
final class KeyWindow {
  private static final int EMPTY = -1;
  private static final int SPARSENESS = 2;

  private final int capacity;
  private final byte[] ring;
  private final int[] table;
  private final int mask;
  private final long seed = ThreadLocalRandom.current().nextLong() | 1;
  private long added; // entry n is in slot n % capacity

  KeyWindow(int capacity) {
    this.capacity = capacity;
    this.ring = new byte[Math.multiplyExact(capacity, KeyLayout.ENTRY_BYTES)];
    this.table = new int[Integer.highestOneBit(capacity * SPARSENESS - 1) << 1];
    this.mask = table.length - 1;
    Arrays.fill(table, EMPTY);
  }

  int size() {
    return (int) Math.min(added, capacity);
  }

  void clear() {
    added = 0;
    Arrays.fill(table, EMPTY);
  }

  /** Adds an entry; the oldest goes if there is no room. The newest of equal keys is found. */
  void add(KeyEntry entry) {
    int slot = (int) (added % capacity);
    if (added >= capacity) {
      remove(slot);
    }
    added++;
    KeyLayout.put(
        ByteBuffer.wrap(ring, slot * KeyLayout.ENTRY_BYTES, KeyLayout.ENTRY_BYTES), entry);
    int at = find(slot);
    table[at] = slot;
  }

  Optional<KeyEntry> find(Bytes keyHash) {
    byte[] key = keyHash.toArray();
    int at = home(key, 0);
    while (table[at] != EMPTY) {
      if (sameKey(key, 0, table[at])) {
        return KeyLayout.get(ring, table[at] * KeyLayout.ENTRY_BYTES);
      }
      at = (at + 1) & mask;
    }
    return Optional.empty();
  }

  /** Returns the entries from the oldest to the newest, encoded. */
  ByteBuffer encoded() {
    ByteBuffer all = ByteBuffer.allocate(size() * KeyLayout.ENTRY_BYTES);
    for (long n = added - size(); n < added; n++) {
      int slot = (int) (n % capacity);
      all.put(ring, slot * KeyLayout.ENTRY_BYTES, KeyLayout.ENTRY_BYTES);
    }
    return all.flip();
  }

  /** Returns the entries of records from {@code position} on, ascending. */
  List<KeyEntry> from(long position) {
    Deque<KeyEntry> found = new ArrayDeque<>();
    for (long n = added - 1; n >= added - size(); n--) {
      int slot = (int) (n % capacity);
      Optional<KeyEntry> entry = KeyLayout.get(ring, slot * KeyLayout.ENTRY_BYTES);
      if (entry.isEmpty() || entry.get().position() < position) {
        break;
      }
      found.addFirst(entry.get());
    }
    return List.copyOf(found);
  }

  /** Returns where the table points to the key of {@code slot}, or has to. */
  private int find(int slot) {
    int at = homeOf(slot);
    while (table[at] != EMPTY && !sameKey(ring, keyAt(slot), table[at])) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** Takes {@code slot} out of the table and closes the gap, so that probing never stops early. */
  private void remove(int slot) {
    int gap = find(slot);
    if (table[gap] != slot) {
      return; // a newer entry has the same key
    }
    int at = (gap + 1) & mask;
    while (table[at] != EMPTY) {
      int distance = (at - homeOf(table[at])) & mask;
      if (distance >= ((at - gap) & mask)) {
        table[gap] = table[at];
        gap = at;
      }
      at = (at + 1) & mask;
    }
    table[gap] = EMPTY;
  }

  private boolean sameKey(byte[] key, int from, int slot) {
    int at = keyAt(slot);
    return Arrays.equals(key, from, from + KeyEntry.HASH_BYTES, ring, at, at + KeyEntry.HASH_BYTES);
  }

  private int homeOf(int slot) {
    return home(ring, keyAt(slot));
  }

  /** Mixed with a number that clients do not know: they could choose keys that collide. */
  private int home(byte[] key, int from) {
    long mixed = ByteBuffer.wrap(key).getLong(from) * seed;
    return (int) (mixed >>> Integer.SIZE) & mask;
  }

  private static int keyAt(int slot) {
    return slot * KeyLayout.ENTRY_BYTES + KeyLayout.KEY_AT;
  }
}
