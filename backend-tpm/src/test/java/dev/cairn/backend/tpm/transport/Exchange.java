package dev.cairn.backend.tpm.transport;

import dev.cairn.backend.tpm.testing.RawTpm;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import java.nio.ByteBuffer;

/** Commands in bytes, through the transport under test. */
final class Exchange {
  static final int PCR = 14;
  static final int LONG_MILLIS = 10_000;
  static final int SHORT_MILLIS = 150;
  static final Digest ONE = HashAlgorithm.SHA256.hash(Bytes.copyOf(new byte[] {1}));
  static final Digest TWO = HashAlgorithm.SHA256.hash(Bytes.copyOf(new byte[] {2}));

  private static final int OFFSET_OF_VALUE = 30; // see RawTpm

  private Exchange() {}

  /** Extends {@link #PCR} and returns the response code. */
  static int extend(TpmTransport tpm, Digest digest, int timeoutMillis) throws Exception {
    byte[] command = RawTpm.extendCommand(PCR, DigestSet.of(digest));
    return RawTpm.code(send(tpm, command, timeoutMillis));
  }

  /** Reads {@link #PCR}. */
  static Digest read(TpmTransport tpm) throws Exception {
    ByteBuffer answer = send(tpm, RawTpm.readCommand(PCR, HashAlgorithm.SHA256), LONG_MILLIS);
    byte[] value = new byte[HashAlgorithm.SHA256.sizeBytes()];
    answer.position(OFFSET_OF_VALUE).get(value);
    return new Digest(HashAlgorithm.SHA256, Bytes.copyOf(value));
  }

  static ByteBuffer send(TpmTransport tpm, byte[] command, int timeoutMillis) throws Exception {
    ByteBuffer response = ByteBuffer.allocateDirect(TpmTransport.MAX_BYTES);
    tpm.transact(
        ByteBuffer.allocateDirect(command.length).put(command).flip(), response, timeoutMillis);
    return response;
  }

  /** Returns what {@link #PCR} holds after these, if it was reset before. */
  static Digest replayed(Digest... digests) {
    Digest value = DigestSet.filled(java.util.List.of(HashAlgorithm.SHA256), 0).at(0);
    for (Digest digest : digests) {
      value = new Hasher().extend(value, digest);
    }
    return value;
  }
}
