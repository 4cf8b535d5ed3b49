package dev.cairn.service;

import java.nio.channels.FileChannel;

/**
 * A run of committed bytes in one segment, plain CEL-TLV. The channel is shared: read it with
 * positions, never close it. It stays open while the {@link LogSnapshot} that gave it is open.
 *
 * @param channel the segment
 * @param offset first byte in the file
 * @param length how many bytes, at least 1
 */
public record LogSlice(FileChannel channel, long offset, long length) {}
