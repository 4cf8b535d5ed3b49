package dev.cairn.measure;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.jcajce.provider.digest.SHA3;
import org.bouncycastle.jcajce.provider.digest.SM3;

/**
 * The hash algorithms of register banks, in ascending order of their TPM number.
 *
 * @see "TCG Algorithm Registry, TPM_ALG_ID"
 */
public enum HashAlgorithm {
  /** 20 bytes; broken for collisions, still a bank of many TPMs. */
  SHA1(0x0004, 20),
  /** 32 bytes. */
  SHA256(0x000B, 32),
  /** 48 bytes; the one bank of an RTMR. */
  SHA384(0x000C, 48),
  /** 64 bytes. */
  SHA512(0x000D, 64),
  /** 32 bytes; the JDK has none. */
  SM3_256(0x0012, 32),
  /** 32 bytes. */
  SHA3_256(0x0027, 32),
  /** 48 bytes. */
  SHA3_384(0x0028, 48),
  /** 64 bytes. */
  SHA3_512(0x0029, 64);

  private static final HashAlgorithm[] ALL = values();

  private final int tpmId;
  private final int sizeBytes;
  private final String bank;

  HashAlgorithm(int tpmId, int sizeBytes) {
    this.tpmId = tpmId;
    this.sizeBytes = sizeBytes;
    this.bank = name().toLowerCase(Locale.ROOT);
  }

  /** Returns the TPM_ALG_ID, a u16. */
  public int tpmId() {
    return tpmId;
  }

  /** Returns the length of a digest in bytes, 20 to 64. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /**
   * Returns the name of the bank in CEL-JSON, on the command line and in the API: {@code sha384}.
   */
  public String bank() {
    return bank;
  }

  /**
   * Returns the algorithm with this TPM_ALG_ID, or nothing for a number that is not in the list.
   */
  public static Optional<HashAlgorithm> ofTpmId(int tpmId) {
    for (HashAlgorithm algorithm : ALL) {
      if (algorithm.tpmId == tpmId) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /** Returns the algorithm whose {@link #bank()} is {@code name}, exactly so written. */
  public static Optional<HashAlgorithm> ofBank(String name) {
    for (HashAlgorithm algorithm : ALL) {
      if (algorithm.bank.equals(name)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns a new digest object. Making one costs 25 to 95 ns: keep it where many digests are made,
   * in one thread.
   *
   * <p>From the JDK where that is faster, else from Bouncy Castle: SHA-3 of an extend takes it a
   * quarter to a half less time than JDK 17 (HashBenchmark).
   */
  public MessageDigest newDigest() {
    return switch (this) {
      case SHA1 -> ofJdk("SHA-1");
      case SHA256 -> ofJdk("SHA-256");
      case SHA384 -> ofJdk("SHA-384");
      case SHA512 -> ofJdk("SHA-512");
      default -> BouncyCastle.newDigest(this);
    };
  }

  private static MessageDigest ofJdk(String javaName) {
    try {
      return MessageDigest.getInstance(javaName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no " + javaName, e);
    }
  }

  /** Returns the digest of {@code data} in this algorithm. */
  public Digest hash(Bytes data) {
    MessageDigest digest = newDigest();
    data.feed(digest);
    return new Digest(this, Bytes.owning(digest.digest()));
  }

  /**
   * A class of its own, so that the verifier of this one does not load Bouncy Castle: reading the
   * manifest of a signed jar takes 0.1 s and 8 MiB, which a daemon without such banks never needs.
   */
  private static final class BouncyCastle {
    static MessageDigest newDigest(HashAlgorithm algorithm) {
      return switch (algorithm) {
        case SM3_256 -> new SM3.Digest();
        case SHA3_256 -> new SHA3.Digest256();
        case SHA3_384 -> new SHA3.Digest384();
        case SHA3_512 -> new SHA3.Digest512();
        default -> throw new IllegalArgumentException(algorithm + " is the JDK's");
      };
    }
  }
}
