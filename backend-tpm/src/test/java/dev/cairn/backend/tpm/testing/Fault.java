package dev.cairn.backend.tpm.testing;

import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What happens to one command on its way. */
@FunctionalInterface
public interface Fault {
  /** Does to the command what the fault does. */
  void apply(TpmTransport tpm, ByteBuffer command, ByteBuffer response, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException;

  /** Nothing: it passes. */
  static Fault none() {
    return TpmTransport::transact;
  }

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

  /** It is executed, and after {@code bytes} of the response nothing more comes. */
  static Fault truncated(int bytes) {
    return (tpm, command, response, timeoutMillis) -> {
      tpm.transact(command, response, timeoutMillis);
      response.limit(bytes);
    };
  }

  /** Somebody else's commands come first. */
  static Fault afterOthers(byte[]... others) {
    return (tpm, command, response, timeoutMillis) -> {
      for (byte[] other : others) {
        execute(tpm, other, timeoutMillis);
      }
      tpm.transact(command, response, timeoutMillis);
    };
  }

  /** Somebody else's command comes right after it, before the response. */
  static Fault beforeAnother(byte[] other) {
    return (tpm, command, response, timeoutMillis) -> {
      tpm.transact(command, response, timeoutMillis);
      execute(tpm, other, timeoutMillis);
    };
  }

  /** Something happens to the TPM first. */
  static Fault afterIncident(Incident incident) {
    return (tpm, command, response, timeoutMillis) -> {
      happen(incident);
      tpm.transact(command, response, timeoutMillis);
    };
  }

  /** The machine is reset first: the registers begin anew. */
  static Fault afterReset(Swtpm swtpm) {
    Fault started = afterOthers(RawTpm.startupCommand(RawTpm.CLEAR));
    return (tpm, command, response, timeoutMillis) -> {
      happen(swtpm::init);
      started.apply(tpm, command, response, timeoutMillis);
    };
  }

  /** What may happen to a TPM over its control channel. */
  @FunctionalInterface
  interface Incident {
    /** Has it happen. */
    void happen() throws IOException;
  }

  private static void happen(Incident incident) throws TpmNotSentException {
    try {
      incident.happen();
    } catch (IOException e) {
      throw new TpmNotSentException("fault: " + e.getMessage(), e);
    }
  }

  private static void execute(TpmTransport tpm, byte[] command, int timeoutMillis)
      throws TpmNotSentException, TpmOutcomeUnknownException {
    ByteBuffer answer = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);
    tpm.transact(
        ByteBuffer.allocateDirect(command.length).put(command).flip(), answer, timeoutMillis);
    if (RawTpm.code(answer) != 0) {
      throw new AssertionError("fault: response code 0x%x".formatted(RawTpm.code(answer)));
    }
  }

  /** It takes longer. */
  static Fault delay(long millis) {
    return (tpm, command, response, timeoutMillis) -> {
      Tools.sleep(millis);
      tpm.transact(command, response, timeoutMillis);
    };
  }
}
