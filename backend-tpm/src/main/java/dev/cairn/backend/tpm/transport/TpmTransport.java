package dev.cairn.backend.tpm.transport;

import java.nio.ByteBuffer;

/**
 * One connection to one TPM, used by one thread. After any exception it is dead: close it and open
 * another, for a late response would be taken for the next command's. Order across connections is
 * kept, so a read over the new one shows what became of the old one's command.
 */
public interface TpmTransport extends AutoCloseable {
  /** The largest command and the largest response, in bytes. */
  int MAX_BYTES = 4096;

  /**
   * Sends one command with one write, and waits for its response.
   *
   * @param command one complete command, a direct buffer; its position is moved
   * @param response a direct buffer with room for {@link #MAX_BYTES}; cleared, filled, and returned
   *     flipped: as long as its size field says
   * @param timeoutMillis how long to wait for the whole response
   * @throws TpmNotSentException if the TPM certainly has not got the command
   * @throws TpmOutcomeUnknownException if it may have executed it: timeout, lost or malformed
   *     response
   */
  void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException;

  /** Closes it; on a device node this waits for a command in flight. Idempotent. */
  @Override
  void close();
}
