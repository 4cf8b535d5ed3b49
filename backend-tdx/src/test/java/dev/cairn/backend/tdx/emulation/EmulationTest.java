package dev.cairn.backend.tdx.emulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Refusal;
import dev.cairn.backend.tdx.fuse.SystemCalls;
import dev.cairn.backend.tdx.fuse.SystemCalls.OpenDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A kernel for each test, and the words of the checklists. */
abstract class EmulationTest {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_TRUNC = 01000;

  @TempDir Path point;
  EmulatedKernel kernel;

  abstract EmulatedKernel.Offer[] offers();

  @BeforeEach
  void start() throws Exception {
    kernel = EmulatedKernel.start(point, offers());
  }

  @AfterEach
  void stop() throws Exception {
    kernel.close();
  }

  /** Returns what {@code call} is refused with. */
  static Errno errno(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    assertThat(thrown).as("refusal").isInstanceOf(Refusal.class);
    return ((Refusal) thrown).errno();
  }

  static byte[] bytes(int length, int filler) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) filler);
    return bytes;
  }

  static byte[] digest(int filler) {
    return bytes(48, filler);
  }

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  static byte[] extended(byte[] old, byte[] digest) {
    return TdxHardware.sha384(old, digest);
  }

  /** Opens, reads once, closes. */
  static byte[] read(Path file) throws Refusal {
    try (OpenDescriptor open = SystemCalls.open(file, O_RDONLY)) {
      return open.read(128 * 1024);
    }
  }

  static String text(Path file) throws Refusal {
    return new String(read(file), StandardCharsets.US_ASCII);
  }

  /** Opens, writes once, closes; returns what write returned. */
  static int write(Path file, byte[] bytes) throws Refusal {
    try (OpenDescriptor open = SystemCalls.open(file, O_WRONLY)) {
      return open.write(bytes);
    }
  }

  static int write(Path file, String text) throws Refusal {
    return write(file, text.getBytes(StandardCharsets.US_ASCII));
  }
}
