package dev.cairn.tests.bench;

import dev.cairn.emulator.EmulatorBackend;
import dev.cairn.emulator.EmulatorProfile;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One extend of the emulator, against the hashes that it cannot do without. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExtendBenchmark {
  /** TDX has one bank, TPM four. */
  @Param public EmulatorProfile profile;

  private final List<MessageDigest> hashes = new ArrayList<>();
  private final List<byte[]> values = new ArrayList<>();
  private DigestSet digests;
  private RegisterId register;
  private EmulatorBackend emulator;
  private Path directory;

  /** Opens registers in the directory for temporary files. */
  @Setup
  public void setUp() throws IOException, BackendException {
    directory = Files.createTempDirectory("cairn-bench");
    emulator = EmulatorBackend.open(profile, directory.resolve("registers"));
    register = profile == EmulatorProfile.TDX ? RegisterId.rtmr(2) : RegisterId.pcr(14);
    digests = DigestSet.filled(profile.banks(), 1);
    for (HashAlgorithm bank : profile.banks()) {
      hashes.add(bank.newDigest());
      values.add(new byte[bank.sizeBytes()]);
    }
  }

  /** Removes them. */
  @TearDown
  public void tearDown() throws IOException, BackendException {
    emulator.close();
    Files.delete(directory.resolve("registers"));
    Files.delete(directory);
  }

  /** Extend. */
  @Benchmark
  public void extend() throws BackendException {
    emulator.extend(register, digests);
  }

  /** Read, as done once per batch. */
  @Benchmark
  public DigestSet read() throws BackendException {
    return emulator.read(register);
  }

  /** The hashes alone, in arrays. */
  @Benchmark
  public List<byte[]> floor() throws DigestException {
    for (int i = 0; i < values.size(); i++) {
      Digest digest = digests.at(i);
      byte[] value = values.get(i);
      MessageDigest hash = hashes.get(i);
      hash.update(value);
      digest.value().feed(hash);
      hash.digest(value, 0, value.length);
    }
    return values;
  }
}
