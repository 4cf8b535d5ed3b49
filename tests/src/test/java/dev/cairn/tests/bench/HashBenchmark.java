package dev.cairn.tests.bench;

import dev.cairn.measure.HashAlgorithm;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Each hash algorithm from the JDK and from Bouncy Castle, with the digest object kept: decides
 * whose {@link HashAlgorithm#newDigest()} returns. The JDK has no SM3.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HashBenchmark {
  /** The algorithm. */
  @Param public HashAlgorithm algorithm;

  /** Bytes per digest: an extend of SHA-384, and what a large event has. */
  @Param({"96", "8192"})
  public int bytes;

  private byte[] data;
  private final byte[] result = new byte[64];
  private MessageDigest chosen;
  private MessageDigest jdk;
  private Digest bouncyCastle;

  /** Fills the data from a fixed seed. */
  @Setup
  public void setUp() throws NoSuchAlgorithmException {
    data = new byte[bytes];
    new Random(1).nextBytes(data);
    chosen = algorithm.newDigest();
    jdk =
        switch (algorithm) {
          case SHA1 -> MessageDigest.getInstance("SHA-1");
          case SHA256 -> MessageDigest.getInstance("SHA-256");
          case SHA384 -> MessageDigest.getInstance("SHA-384");
          case SHA512 -> MessageDigest.getInstance("SHA-512");
          case SM3_256 -> chosen; // it has none
          case SHA3_256 -> MessageDigest.getInstance("SHA3-256");
          case SHA3_384 -> MessageDigest.getInstance("SHA3-384");
          case SHA3_512 -> MessageDigest.getInstance("SHA3-512");
        };
    bouncyCastle =
        switch (algorithm) {
          case SHA1 -> new SHA1Digest();
          case SHA256 -> new SHA256Digest();
          case SHA384 -> new SHA384Digest();
          case SHA512 -> new SHA512Digest();
          case SM3_256 -> new SM3Digest();
          case SHA3_256 -> new SHA3Digest(256);
          case SHA3_384 -> new SHA3Digest(384);
          case SHA3_512 -> new SHA3Digest(512);
        };
  }

  /** What Cairn uses. */
  @Benchmark
  public int cairn() throws DigestException {
    chosen.update(data, 0, data.length);
    return chosen.digest(result, 0, algorithm.sizeBytes());
  }

  /** The JDK's provider; for SM3 the same as {@link #cairn()}. */
  @Benchmark
  public int jdk() throws DigestException {
    jdk.update(data, 0, data.length);
    return jdk.digest(result, 0, algorithm.sizeBytes());
  }

  /** Bouncy Castle's classes without its provider. */
  @Benchmark
  public int bouncyCastle() {
    bouncyCastle.update(data, 0, data.length);
    return bouncyCastle.doFinal(result, 0);
  }
}
