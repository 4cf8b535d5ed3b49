package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Folder;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The folder {@code tsm/rtmrs}: entries are made by mkdir, bound to a register by their {@code
 * index}, once, and belong to the whole system.
 *
 * @see "the RFC 'tsm: Runtime measurement registers ABI' v2, 28 January 2024, patches 1 to 4"
 */
public final class Rtmrs extends Folder {
  /** What the unknown provider of the field kernels makes of 49 to 64 bytes. */
  public enum Oversize {
    REFUSED,
    CUT
  }

  private static final int MOST_BYTES = 64;
  private static final int PCRS = 24;
  private static final List<BitSet> TDX_MAP =
      List.of(bits(1, 7), bits(2, 3, 4, 5, 6), bits(8, 9, 10, 11, 12, 13, 14, 15), bits());

  private final Object lock;
  private final TdxHardware hardware;
  private final SortedMap<String, Node> entries = new TreeMap<>();
  private final @Nullable Entry[] slots = new @Nullable Entry[TdxHardware.RTMRS];
  private final BitSet mapped = new BitSet(PCRS);
  private List<BitSet> map = TDX_MAP;
  private boolean registered = true;
  private int faster = -1;
  private Oversize oversize = Oversize.REFUSED;

  Rtmrs(Object lock, TdxHardware hardware) {
    this.lock = lock;
    this.hardware = hardware;
  }

  private static BitSet bits(int... pcrs) {
    BitSet bits = new BitSet(PCRS);
    Arrays.stream(pcrs).forEach(bits::set);
    return bits;
  }

  @Override
  public SortedMap<String, Node> entries() {
    return Collections.unmodifiableSortedMap(entries);
  }

  /** Takes the provider away, or brings it back. */
  public void setRegistered(boolean there) {
    synchronized (lock) {
      registered = there;
    }
  }

  /** Lets the provider map {@code pcrs} to RTMR {@code index}. */
  public void setMap(int index, int... pcrs) {
    synchronized (lock) {
      map = new ArrayList<>(map);
      map.set(index, bits(pcrs));
    }
  }

  /** Lets somebody else bind {@code index} just before the next program that tries. */
  public void bindForOthersFirst(int index) {
    synchronized (lock) {
      faster = index;
    }
  }

  /** Chooses what becomes of 49 to 64 bytes. */
  public void setOversize(Oversize outcome) {
    synchronized (lock) {
      oversize = outcome;
    }
  }

  /** The machine was started anew: configfs is empty. */
  void clear() {
    entries.clear();
    Arrays.fill(slots, null);
    mapped.clear();
  }

  @Override
  public void makeFolder(String name) throws Refusal {
    if (!registered) {
      throw new Refusal(Errno.ENXIO);
    }
    entries.put(name, new Entry());
  }

  @Override
  public void removeFolder(String name) throws Refusal {
    if (!(entries.remove(name) instanceof Entry entry)) {
      throw new Refusal(Errno.ENOENT);
    }
    entry.remove(); // its slot, if it has one, stays taken for ever
  }

  private final class Entry extends Item {
    private int index = -1;
    private byte @Nullable [] cached;

    Entry() {
      add("index", TextAttribute.readWrite(this, this::showIndex, this::bind));
      add("tcg_map", TextAttribute.readOnly(this, this::showMap));
      add("digest", BinaryAttribute.readWrite(this, MOST_BYTES, this::value, this::extend));
    }

    private String showIndex() throws Refusal {
      return requireBound() + "\n";
    }

    private int requireBound() throws Refusal {
      if (index < 0) {
        throw new Refusal(Errno.ENXIO);
      }
      return index;
    }

    private void bind(String text) throws Refusal {
      long wanted = number(text);
      if (index >= 0) {
        throw new Refusal(Errno.EBUSY);
      }
      if (!registered) {
        throw new Refusal(Errno.ENOTTY);
      }
      if (wanted == faster) {
        faster = -1;
        Entry other = new Entry();
        entries.put("somebody-elses", other);
        other.bind(text);
      }
      if (wanted >= TdxHardware.RTMRS || slots[(int) wanted] != null) {
        throw new Refusal(Errno.EINVAL);
      }
      BitSet pcrs = map.get((int) wanted);
      if (mapped.intersects(pcrs)) {
        throw new Refusal(Errno.EBUSY);
      }
      mapped.or(pcrs);
      index = (int) wanted;
      slots[index] = this;
    }

    private String showMap() {
      StringBuilder ranges = new StringBuilder();
      BitSet pcrs = index < 0 ? new BitSet() : map.get(index);
      for (int from = pcrs.nextSetBit(0); from >= 0; ) {
        int end = pcrs.nextClearBit(from);
        ranges.append(ranges.isEmpty() ? "" : ",").append(from);
        ranges.append(end - from > 1 ? "-" + (end - 1) : "");
        from = pcrs.nextSetBit(end);
      }
      return ranges.append('\n').toString();
    }

    private byte[] value() throws Refusal {
      int bound = requireBound();
      if (cached == null) {
        hardware.report(new byte[TdxHardware.REPORT_DATA_BYTES]);
        cached = Arrays.copyOf(hardware.rtmr(bound), TdxHardware.DIGEST_BYTES);
      }
      return cached;
    }

    private void extend(byte[] digest) throws Refusal {
      int bound = requireBound();
      if (digest.length < TdxHardware.DIGEST_BYTES) {
        throw new Refusal(Errno.EINVAL);
      }
      cached = null;
      if (digest.length > TdxHardware.DIGEST_BYTES && oversize == Oversize.REFUSED) {
        throw new Refusal(Errno.EINVAL);
      }
      hardware.extend(bound, Arrays.copyOf(digest, TdxHardware.DIGEST_BYTES));
    }
  }
}
