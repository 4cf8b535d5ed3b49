package dev.cairn.backend.tpm.command;

import dev.cairn.backend.tpm.transport.TpmTransport;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import java.nio.ByteBuffer;

/**
 * One command after another, built in the same direct buffer.
 *
 * <pre>
 * u16 tag (8001, or 8002 with an authorization)   u32 size of all   u32 command code
 * [u32 handle …]   [u32 9, password authorization]   parameters
 * </pre>
 */
final class CommandBuffer {
  private static final short NO_SESSIONS = (short) 0x8001;
  private static final short SESSIONS = (short) 0x8002;
  private static final int SIZE_AT = Short.BYTES;
  private static final int PASSWORD_SESSION = 0x40000009;
  private static final int PASSWORD_AREA = 9; // u32 session, u16 nonce, u8 attributes, u16 password
  private static final int SELECT_BYTES = 3; // enough for PCR 0 to 23
  private static final int MAX_SELECT_BYTES = 4;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);

  CommandBuffer begin(CommandCode code) {
    buffer.clear();
    buffer.putShort(code.authorized() ? SESSIONS : NO_SESSIONS).putInt(0).putInt(code.number());
    return this;
  }

  CommandBuffer u16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  CommandBuffer u32(int value) {
    buffer.putInt(value);
    return this;
  }

  /** An empty password; comes after the last handle. */
  CommandBuffer emptyPassword() {
    buffer.putInt(PASSWORD_AREA).putInt(PASSWORD_SESSION);
    buffer.putShort((short) 0).put((byte) 0).putShort((short) 0);
    return this;
  }

  /** A TPM2B: length and bytes. */
  CommandBuffer sized(Bytes bytes) {
    buffer.putShort((short) bytes.length());
    bytes.copyTo(buffer);
    return this;
  }

  /** A TPMT_HA: algorithm and digest. */
  CommandBuffer digest(Digest digest) {
    buffer.putShort((short) digest.algorithm().tpmId());
    digest.value().copyTo(buffer);
    return this;
  }

  /** A TPML_PCR_SELECTION. */
  CommandBuffer selection(PcrSelection selection) {
    buffer.putInt(selection.banks().size());
    for (PcrSelection.Bank bank : selection.banks()) {
      select(bank.algorithmId(), bank.pcrs());
    }
    return this;
  }

  /** A TPMS_PCR_SELECTION: PCR 0 is the lowest bit of the first byte. */
  CommandBuffer select(int algorithmId, int pcrs) {
    int size = pcrs >>> (SELECT_BYTES * Byte.SIZE) == 0 ? SELECT_BYTES : MAX_SELECT_BYTES;
    buffer.putShort((short) algorithmId).put((byte) size);
    for (int i = 0; i < size; i++) {
      buffer.put((byte) (pcrs >>> (i * Byte.SIZE)));
    }
    return this;
  }

  /** Fills in the size; the command is complete, from position 0 to the limit. */
  ByteBuffer end() {
    buffer.putInt(SIZE_AT, buffer.position());
    return buffer.flip();
  }
}
