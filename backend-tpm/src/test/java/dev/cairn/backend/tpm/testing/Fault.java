package dev.cairn.backend.tpm.testing;

import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.nio.ByteBuffer;

/** What happens to one command on its way. */
@FunctionalInterface
public interface Fault {
  /** Does to the command what the fault does. */
  void apply(TpmTransport tpm, ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException;

  /** It never leaves. */
  static Fault notSent() {
    return (tpm, command, response, timeoutMillis) -> {
      throw new TpmNotSentException("fault: not sent", null);
    };
  }

  /** It is lost on the way, and nobody can tell: the outcome is unknown and it was not executed. */
  static Fault commandLost() {
    return (tpm, command, response, timeoutMillis) -> {
      throw new TpmOutcomeUnknownException("fault: command lost", null);
    };
  }

  /** It is executed and the reply is lost. */
  static Fault replyLost() {
    return (tpm, command, response, timeoutMillis) -> {
      tpm.transact(command, response, timeoutMillis);
      throw new TpmOutcomeUnknownException("fault: reply lost", null);
    };
  }

  /** The TPM says {@code responseCode} instead of executing it. */
  static Fault answer(int responseCode) {
    return (tpm, command, response, timeoutMillis) -> {
      command.position(command.limit());
      response.clear().putShort((short) 0x8001).putInt(10).putInt(responseCode).flip();
    };
  }

  /** It is executed, and of the response only {@code bytes} come, with a size field to match. */
  static Fault shortened(int bytes) {
    return (tpm, command, response, timeoutMillis) -> {
      tpm.transact(command, response, timeoutMillis);
      response.putInt(2, bytes).limit(bytes);
    };
  }

  /** It takes longer. */
  static Fault delay(long millis) {
    return (tpm, command, response, timeoutMillis) -> {
      Tools.sleep(millis);
      tpm.transact(command, response, timeoutMillis);
    };
  }
}
