package dev.cairn.backend.tdx.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One answer to the kernel, in the machine's byte order.
 *
 * <pre>
 * offset  size
 *      0     4  length of all of it
 *      4     4  0, or minus the errno, and then nothing follows
 *      8     8  number of the request
 *     16        what the request asks for
 * </pre>
 */
final class Reply {
  static final int HEADER = 16;
  static final int MOST_CONTENT = 256 * 1024;

  private static final int ERROR_AT = 4;
  private static final int REQUEST_AT = 8;
  private static final int DIRENT_HEADER = 24;
  private static final int DIRENT_ALIGN = 8;
  private static final int TYPE_SHIFT = 12;
  private static final int BLOCK_BYTES = 4096;
  private static final long FOR_EVER_SECONDS = 86_400;

  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(HEADER + MOST_CONTENT).order(ByteOrder.nativeOrder());

  /** Begins an answer to request {@code unique}; what is put now becomes its content. */
  ByteBuffer begin(long unique) {
    bytes.clear().position(HEADER);
    bytes.putInt(ERROR_AT, 0).putLong(REQUEST_AT, unique);
    return bytes;
  }

  /** Makes it an error, whatever was put. */
  void refuse(Errno errno) {
    bytes.position(HEADER);
    bytes.putInt(ERROR_AT, -errno.number());
  }

  /** Returns the finished message, from 0 to its limit. */
  ByteBuffer finish() {
    bytes.putInt(0, bytes.position());
    return bytes.flip();
  }

  void putEntry(long number, Node node, boolean remembered) {
    bytes.putLong(number).putLong(0);
    bytes.putLong(remembered ? FOR_EVER_SECONDS : 0).putLong(0).putInt(0).putInt(0);
    putAttributes(number, node);
  }

  /** The reply to GETATTR and SETATTR: valid for no time, then the attributes. */
  void putAttributeReply(long number, Node node) {
    bytes.putLong(0).putInt(0).putInt(0);
    putAttributes(number, node);
  }

  private void putAttributes(long number, Node node) {
    bytes.putLong(number).putLong(node.size()).putLong(0);
    bytes.putLong(0).putLong(0).putLong(0).putInt(0).putInt(0).putInt(0); // times
    bytes.putInt(node.type() | node.permissions()).putInt(node instanceof Folder ? 2 : 1);
    bytes.putInt(node.uid()).putInt(node.gid()).putInt(0).putInt(BLOCK_BYTES).putInt(0);
  }

  /** Puts one entry of a folder unless that makes more than {@code most} bytes of content. */
  boolean putName(String name, int type, long next, int most) {
    byte[] utf8 = name.getBytes(UTF_8);
    int padded = (DIRENT_HEADER + utf8.length + DIRENT_ALIGN - 1) / DIRENT_ALIGN * DIRENT_ALIGN;
    if (bytes.position() - HEADER + padded > most) {
      return false;
    }
    int end = bytes.position() + padded;
    bytes.putLong(next).putLong(next).putInt(utf8.length).putInt(type >> TYPE_SHIFT).put(utf8);
    while (bytes.position() < end) {
      bytes.put((byte) 0);
    }
    return true;
  }
}
