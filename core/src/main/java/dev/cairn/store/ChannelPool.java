package dev.cairn.store;

import static java.nio.file.StandardOpenOption.READ;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Channels for reading, shared by all readers and opened when first needed. Those that nobody holds
 * are kept up to a bound, the longest unused closed first. Any thread.
 */
final class ChannelPool implements Closeable {
  private static final int MAX_IDLE = 16;

  private final Map<Path, Shared> open = new LinkedHashMap<>(16, 0.75f, true);

  /** One hold on a channel. The channel is shared: positional reads only, never close it. */
  final class Lease implements Closeable {
    private final Shared shared;
    private boolean released;

    private Lease(Shared shared) {
      this.shared = shared;
    }

    FileChannel channel() {
      return shared.channel;
    }

    @Override
    public void close() throws IOException {
      if (!released) {
        released = true;
        release(shared);
      }
    }
  }

  private static final class Shared {
    final FileChannel channel;
    int holders;
    boolean forgotten;

    Shared(FileChannel channel) {
      this.channel = channel;
    }
  }

  synchronized Lease acquire(Path file) throws IOException {
    Shared shared = open.get(file);
    if (shared == null || !shared.channel.isOpen()) { // an interrupted reader closes it for all
      shared = new Shared(FileChannel.open(file, READ));
      open.put(file, shared);
    }
    shared.holders++;
    return new Lease(shared);
  }

  private synchronized void release(Shared shared) throws IOException {
    shared.holders--;
    if (shared.holders == 0 && shared.forgotten) {
      shared.channel.close();
    }
    closeIdleBeyond(MAX_IDLE);
  }

  /** Makes the next reader open {@code file} anew: it was replaced or removed. */
  synchronized void forget(Path file) throws IOException {
    Shared shared = open.remove(file);
    if (shared != null) {
      shared.forgotten = true;
      if (shared.holders == 0) {
        shared.channel.close();
      }
    }
  }

  private void closeIdleBeyond(int bound) throws IOException {
    int idle = 0;
    for (Shared shared : open.values()) {
      idle += shared.holders == 0 ? 1 : 0;
    }
    Iterator<Shared> longestUnusedFirst = open.values().iterator();
    while (idle > bound) {
      Shared shared = longestUnusedFirst.next();
      if (shared.holders == 0) {
        longestUnusedFirst.remove();
        shared.channel.close();
        idle--;
      }
    }
  }

  /** Closes what nobody holds; what is held is closed by its last holder. */
  @Override
  public synchronized void close() throws IOException {
    closeIdleBeyond(0);
    for (Shared shared : open.values()) {
      shared.forgotten = true;
    }
    open.clear();
  }
}
