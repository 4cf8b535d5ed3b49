package dev.cairn.backend.tpm.command;

import dev.cairn.backend.tpm.transport.TpmTransport;
import dev.cairn.measure.Bytes;
import java.nio.ByteBuffer;

/**
 * Takes one response after another apart. Strict: nothing is read beyond what came, every length
 * and count has a bound, and no byte may be left over.
 *
 * <pre>
 * tag 8001   u32 size   u32 code   [u32 handle]   parameters
 * tag 8002   u32 size   u32 code   [u32 handle]   u32 size of parameters   parameters
 *            u16 0 (nonce)   u8 attributes   u16 0 (password)
 * error      8001   u32 10   u32 code
 * </pre>
 */
final class ResponseBuffer {
  static final int HEADER = Short.BYTES + Integer.BYTES + Integer.BYTES;
  private static final int NO_SESSIONS = 0x8001;
  private static final int SESSIONS = 0x8002;
  private static final int TPM_1_2 = 0x00C4;
  private static final int AUTHORIZATION = Short.BYTES + Byte.BYTES + Short.BYTES;
  private static final int MAX_SELECT_BYTES = 4;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);
  private final Runnable onMalformed;
  private CommandCode command = CommandCode.STARTUP;

  /**
   * Makes one.
   *
   * @param onMalformed run before a malformed response is reported
   */
  ResponseBuffer(Runnable onMalformed) {
    this.onMalformed = onMalformed;
  }

  /** What the transport fills. */
  ByteBuffer bytes() {
    return buffer;
  }

  /** Reads the header of the response to {@code answered}, and returns its code. */
  int header(CommandCode answered) throws TpmException {
    command = answered;
    if (buffer.remaining() < HEADER) {
      throw malformed("%d bytes, needs at least %d".formatted(buffer.remaining(), HEADER));
    }
    int length = buffer.remaining();
    int tag = u16();
    int size = buffer.getInt();
    int code = buffer.getInt();
    if (tag == TPM_1_2) {
      throw malformed("this is a TPM 1.2; Cairn needs a TPM 2.0");
    }
    if (size != length) {
      throw malformed("size field %d, %d bytes came".formatted(size, length));
    }
    boolean success = code == ResponseCode.SUCCESS;
    if (tag != (success && answered.authorized() ? SESSIONS : NO_SESSIONS)) {
      throw malformed("tag 0x%04x with code 0x%x".formatted(tag, code));
    }
    if (!success) {
      end();
    }
    return code;
  }

  /** Enters the parameters of a command with authorization; what follows them is checked here. */
  ResponseBuffer parameters() throws TpmException {
    int size = u32AsCount(buffer.capacity());
    if (buffer.remaining() != size + AUTHORIZATION) {
      throw malformed("%d bytes of parameters, %d came".formatted(size, buffer.remaining()));
    }
    int end = buffer.position() + size;
    if (buffer.getShort(end) != 0 || buffer.getShort(end + Short.BYTES + Byte.BYTES) != 0) {
      throw malformed("the authorization is not that of an empty password");
    }
    buffer.limit(end);
    return this;
  }

  int u8() throws TpmException {
    require(Byte.BYTES);
    return buffer.get() & 0xFF;
  }

  int u16() throws TpmException {
    require(Short.BYTES);
    return buffer.getShort() & 0xFFFF;
  }

  /** A number whose bits matter: a handle, a property, a set of flags. */
  int u32() throws TpmException {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  /** A u32 as a number from 0 to 4294967295. */
  long unsigned32() throws TpmException {
    return Integer.toUnsignedLong(u32());
  }

  long u64() throws TpmException {
    require(Long.BYTES);
    return buffer.getLong();
  }

  /** A u32 that says how many of something follow. */
  int u32AsCount(int most) throws TpmException {
    int count = u32();
    if (count < 0 || count > most) {
      throw malformed(
          "count %s at offset %d, at most %d"
              .formatted(Integer.toUnsignedString(count), buffer.position() - Integer.BYTES, most));
    }
    return count;
  }

  /** A TPM2B: u16 length and bytes. */
  Bytes sized() throws TpmException {
    return take(u16());
  }

  /** A TPM2B whose length is known. */
  Bytes sized(int length) throws TpmException {
    int given = u16();
    if (given != length) {
      throw malformed("%d bytes, needs %d".formatted(given, length));
    }
    return take(length);
  }

  Bytes rest() throws TpmException {
    return take(buffer.remaining());
  }

  /** The PCRs of a TPMS_PCR_SELECTION or TPMS_TAGGED_PCR_SELECT, behind its number. */
  int pcrs() throws TpmException {
    int size = u8();
    if (size > MAX_SELECT_BYTES) {
      throw malformed("a PCR bitmap of %d bytes, at most %d".formatted(size, MAX_SELECT_BYTES));
    }
    require(size);
    int pcrs = 0;
    for (int i = 0; i < size; i++) {
      pcrs |= (buffer.get() & 0xFF) << (i * Byte.SIZE);
    }
    return pcrs;
  }

  /** Checks that all was read. */
  void end() throws TpmException {
    if (buffer.hasRemaining()) {
      throw malformed("%d bytes left over".formatted(buffer.remaining()));
    }
  }

  /** The command was executed, and nobody can say with what result. */
  TpmException malformed(String what) {
    onMalformed.run();
    return TpmException.malformed(command, what);
  }

  private Bytes take(int length) throws TpmException {
    require(length);
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return Bytes.owning(bytes);
  }

  private void require(int length) throws TpmException {
    if (buffer.remaining() < length) {
      throw malformed(
          "ends at offset %d, %d bytes more are needed"
              .formatted(buffer.limit(), length - buffer.remaining()));
    }
  }
}
