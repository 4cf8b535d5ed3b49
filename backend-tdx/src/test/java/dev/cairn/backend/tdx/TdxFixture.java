package dev.cairn.backend.tdx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A kernel and a backend on it, for each test. */
abstract class TdxFixture {
  static final RegisterId RTMR0 = RegisterId.rtmr(0);
  static final RegisterId RTMR2 = RegisterId.rtmr(2);
  static final RegisterId RTMR3 = RegisterId.rtmr(3);

  private final Hasher hasher = new Hasher();

  @TempDir Path point;
  EmulatedKernel kernel;
  MeasurementBackend backend;

  abstract EmulatedKernel.Offer[] offers();

  @BeforeEach
  void start() throws Exception {
    kernel = EmulatedKernel.start(point, offers());
    backend = Opened.on(kernel);
  }

  @AfterEach
  void stop() throws Exception {
    backend.close();
    kernel.close();
  }

  static DigestSet digest(String text) {
    return DigestSet.of(HashAlgorithm.SHA384.hash(Bytes.copyOf(text.getBytes(UTF_8))));
  }

  /** Returns what a register with {@code old} holds after the extends. */
  final DigestSet extended(DigestSet old, String... texts) {
    DigestSet value = old;
    for (String text : texts) {
      value = hasher.extend(value, digest(text));
    }
    return value;
  }

  /** Returns what the hardware holds in RTMR {@code index}. */
  final DigestSet rtmr(int index) {
    return DigestSet.of(
        new Digest(HashAlgorithm.SHA384, Bytes.copyOf(kernel.hardware().rtmr(index))));
  }

  /** Extends RTMR 2, which has to fail. */
  final BackendException failure(String text) {
    BackendException failure =
        catchThrowableOfType(BackendException.class, () -> backend.extend(RTMR2, digest(text)));
    return java.util.Objects.requireNonNull(failure, "the extend succeeds");
  }
}
