package dev.cairn.store;

import java.nio.channels.FileChannel;

/**
 * A run of committed bytes in one segment. The channel is shared: read it with positions, never
 * close it. It stays open while the {@link StoreSnapshot} that gave it is open.
 *
 * @param channel the segment
 * @param offset first byte in the file
 * @param length how many bytes, at least 1
 */
public record SegmentSlice(FileChannel channel, long offset, long length) {}
