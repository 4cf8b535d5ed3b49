package dev.cairn.backend.tpm.testing;

import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Somebody else who talks to a TPM over a UNIX socket: bytes written out by hand, none of them by
 * the code under test.
 */
public final class RawTpm implements AutoCloseable {
  /** TPM2_Startup and TPM2_Shutdown: the registers begin anew. */
  public static final int CLEAR = 0;

  /** TPM2_Startup and TPM2_Shutdown: the registers are kept. */
  public static final int STATE = 1;

  private static final int MAX_BYTES = 4096;
  private static final long ANSWER_MILLIS = 5000;
  private static final int RC_INITIALIZE = 0x100;
  private static final String NO_PASSWORD = "00000009400000090000000000";

  private final SocketAddress socket;
  private final SocketChannel channel;
  private final Selector selector;

  private RawTpm(SocketAddress socket, SocketChannel channel, Selector selector) {
    this.socket = socket;
    this.channel = channel;
    this.selector = selector;
  }

  /** Connects; as long as another client is connected to swtpm itself, nothing is answered. */
  public static RawTpm connect(Path socket) throws IOException {
    return connect(UnixDomainSocketAddress.of(socket));
  }

  static RawTpm connect(SocketAddress socket) throws IOException {
    SocketChannel channel = SocketChannel.open(socket);
    channel.configureBlocking(false);
    Selector selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
    return new RawTpm(socket, channel, selector);
  }

  /** The numbers of TPM2_ReadClock that tell one life of the registers from another. */
  public record Counts(int reset, int restart) {}

  /** TPM2_Startup, where it has not had one. */
  public void startup(int type) throws IOException {
    ByteBuffer answer = send(startupCommand(type));
    int code = code(answer);
    if (code != 0 && code != RC_INITIALIZE) {
      throw new IOException("%s: TPM2_Startup: 0x%x".formatted(socket, code));
    }
  }

  /** TPM2_Shutdown. */
  public void shutdown(int type) throws IOException {
    succeed("TPM2_Shutdown", send(command("8001", 0x145, "%04x".formatted(type))));
  }

  /** TPM2_PCR_Extend with all of {@code digests} in one command. */
  public void extend(int pcr, DigestSet digests) throws IOException {
    succeed("TPM2_PCR_Extend", send(extendCommand(pcr, digests)));
  }

  /** Returns a whole TPM2_Startup. */
  public static byte[] startupCommand(int type) {
    return command("8001", 0x144, "%04x".formatted(type));
  }

  /** Returns a whole TPM2_PCR_Extend. */
  public static byte[] extendCommand(int pcr, DigestSet digests) {
    StringBuilder values = new StringBuilder();
    int count = 0;
    for (Digest digest : digests) {
      values.append("%04x".formatted(digest.algorithm().tpmId())).append(digest.value().toHex());
      count++;
    }
    return command("8002", 0x182, "%08x%s%08x%s".formatted(pcr, NO_PASSWORD, count, values));
  }

  /** Returns a whole TPM2_PCR_Read of one register in one bank. */
  public static byte[] readCommand(int pcr, HashAlgorithm bank) {
    int bitmap = Integer.reverseBytes(1 << pcr) >>> 8; // register 0 is the lowest bit of byte 0
    return command("8001", 0x17E, "00000001%04x03%06x".formatted(bank.tpmId(), bitmap));
  }

  /** TPM2_PCR_Read of one register in one bank. */
  public byte[] read(int pcr, HashAlgorithm bank) throws IOException {
    ByteBuffer answer = succeed("TPM2_PCR_Read", send(readCommand(pcr, bank)));
    // header 10, counter 4, count 4, selection 6, count 4, size 2
    byte[] value = new byte[bank.sizeBytes()];
    answer.position(30).get(value);
    return value;
  }

  /** TPM2_PCR_Read of one register, bank by bank. */
  public DigestSet read(int pcr, Iterable<HashAlgorithm> banks) throws IOException {
    List<Digest> values = new ArrayList<>();
    for (HashAlgorithm bank : banks) {
      values.add(new Digest(bank, Bytes.copyOf(read(pcr, bank))));
    }
    return DigestSet.of(values);
  }

  /** TPM2_PCR_Reset, which locality 0 may do to 16 and 23 only. */
  public void reset(int pcr) throws IOException {
    succeed("TPM2_PCR_Reset", send(command("8002", 0x13D, "%08x%s".formatted(pcr, NO_PASSWORD))));
  }

  /** TPM2_PCR_Allocate: after the next reset exactly {@code banks} are active. */
  public void allocate(List<HashAlgorithm> banks) throws IOException {
    StringBuilder selection = new StringBuilder();
    for (HashAlgorithm bank : Swtpm.BANKS) {
      selection.append("%04x03".formatted(bank.tpmId()));
      selection.append(banks.contains(bank) ? "ffffff" : "000000");
    }
    ByteBuffer answer =
        succeed(
            "TPM2_PCR_Allocate",
            send(
                command(
                    "8002",
                    0x12B,
                    "4000000c%s%08x%s".formatted(NO_PASSWORD, Swtpm.BANKS.size(), selection))));
    if (answer.get(14) != 1) { // header 10, size of parameters 4
      throw new IOException(socket + ": TPM2_PCR_Allocate: not done");
    }
  }

  /** TPM2_ReadClock. */
  public Counts counts() throws IOException {
    ByteBuffer answer = succeed("TPM2_ReadClock", send(command("8001", 0x181, "")));
    return new Counts(answer.getInt(26), answer.getInt(30)); // header 10, time 8, clock 8
  }

  /** Sends a whole command and returns the whole response. */
  public ByteBuffer send(byte[] command) throws IOException {
    channel.write(ByteBuffer.wrap(command));
    ByteBuffer answer = ByteBuffer.allocate(MAX_BYTES);
    while (answer.position() < 10 || answer.position() < answer.getInt(2)) {
      if (selector.select(ANSWER_MILLIS) == 0) {
        throw new IOException(
            "%s: no answer in %d ms: is another client connected, or swtpm stopped?"
                .formatted(socket, ANSWER_MILLIS));
      }
      selector.selectedKeys().clear();
      if (channel.read(answer) < 0) {
        throw new EOFException(socket + ": closed");
      }
    }
    return answer.flip();
  }

  /** Returns the response code of a response. */
  public static int code(ByteBuffer answer) {
    return answer.getInt(6);
  }

  private ByteBuffer succeed(String name, ByteBuffer answer) throws IOException {
    if (code(answer) != 0) {
      throw new IOException("%s: %s: 0x%x".formatted(socket, name, code(answer)));
    }
    return answer;
  }

  private static byte[] command(String tag, int code, String rest) {
    return HexFormat.of()
        .parseHex("%s%08x%08x%s".formatted(tag, 10 + rest.length() / 2, code, rest));
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
