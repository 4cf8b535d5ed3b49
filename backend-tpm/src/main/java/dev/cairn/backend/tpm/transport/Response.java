package dev.cairn.backend.tpm.transport;

import java.nio.ByteBuffer;

/**
 * Gathers one response from the pieces in which it comes.
 *
 * <pre>
 * offset  size
 *      0     2   tag
 *      2     4   size of the whole response, big-endian
 *      6     4   response code
 *     10   ...   up to size
 * </pre>
 *
 * @see "TPM 2.0 Library Part 1, Command/Response Structure"
 */
final class Response {
  private static final int SIZE = Short.BYTES;
  private static final int HEADER_BYTES = SIZE + Integer.BYTES + Integer.BYTES;

  private final String address;
  private final ByteBuffer bytes;

  /** Clears {@code bytes}; whatever is read is to be put there. */
  Response(String address, ByteBuffer bytes) {
    this.address = address;
    this.bytes = bytes.clear().limit(TpmTransport.MAX_BYTES);
  }

  /**
   * Tells whether the response is complete; flips it then.
   *
   * @throws TpmOutcomeUnknownException if no response looks like this
   */
  boolean isComplete() throws TpmOutcomeUnknownException {
    int count = bytes.position();
    if (count < HEADER_BYTES) {
      return false;
    }
    long size = Integer.toUnsignedLong(bytes.getInt(SIZE));
    if (size < HEADER_BYTES || size > TpmTransport.MAX_BYTES || size < count) {
      throw new TpmOutcomeUnknownException(
          "%s: malformed response: its size field says %d, %d bytes came, %d to %d are allowed"
              .formatted(address, size, count, HEADER_BYTES, TpmTransport.MAX_BYTES),
          null);
    }
    if (count < size) {
      return false;
    }
    bytes.flip();
    return true;
  }

  /** Says that the rest will not come. */
  TpmOutcomeUnknownException ended(Throwable cause) {
    return new TpmOutcomeUnknownException(
        "%s: no answer: %s after %d bytes".formatted(address, cause.getMessage(), received()),
        cause);
  }

  /** Says that the connection was closed by the other side. */
  TpmOutcomeUnknownException closed() {
    return new TpmOutcomeUnknownException(
        "%s: no answer: the other side closed the connection after %d bytes"
            .formatted(address, received()),
        null);
  }

  /** Says that the time is up. */
  TpmOutcomeUnknownException late(int timeoutMillis) {
    return late(address, timeoutMillis, "%d bytes of it came".formatted(received()));
  }

  static TpmOutcomeUnknownException late(String address, int timeoutMillis, String detail) {
    return new TpmOutcomeUnknownException(
        "%s: no answer within %d ms: %s".formatted(address, timeoutMillis, detail), null);
  }

  private int received() {
    return bytes.position();
  }
}
