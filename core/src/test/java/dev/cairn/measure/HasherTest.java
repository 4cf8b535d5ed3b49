package dev.cairn.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HasherTest {
  private final Hasher hasher = new Hasher();

  @Test
  void whenAZeroRegisterIsExtendedByZeros_thenItIsSha384Of96ZeroBytes() {
    Digest zeros = new Digest(HashAlgorithm.SHA384, Bytes.filled(48, 0));

    assertThat(hasher.extend(zeros, zeros).value().toHex())
        .isEqualTo(
            "f57bb7ed82c6ae4a29e6c9879338c592c7d42a39135583e8ccbe3940f2344b0eb6eb8503db0ffd6a39ddd00cd07d8317");
  }

  @ParameterizedTest
  @CsvSource({ // of the three letters "abc": FIPS 180-4, GB/T 32905, FIPS 202 examples
    "sha1, a9993e364706816aba3e25717850c26c9cd0d89d",
    "sha256, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sm3_256, 66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    "sha3_256, 3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
  })
  void whenHashing_thenTheDigestIsTheStandards(String bank, String hex) {
    HashAlgorithm algorithm = HashAlgorithm.ofBank(bank).orElseThrow();

    assertThat(hasher.hash(algorithm, Bytes.fromHex("616263")).value().toHex()).isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "SHA1, SHA-1",
    "SHA256, SHA-256",
    "SHA384, SHA-384",
    "SHA512, SHA-512",
    "SHA3_256, SHA3-256",
    "SHA3_384, SHA3-384",
    "SHA3_512, SHA3-512",
  })
  void whenTheJdkHasTheAlgorithmToo_thenDigestsOfAllLengthsAreTheSame(
      HashAlgorithm algorithm, String javaName) throws Exception {
    MessageDigest jdk = MessageDigest.getInstance(javaName);

    for (int length = 0; length < 300; length++) { // over every block size and its padding
      Bytes data = Bytes.filled(length, length);
      assertThat(hasher.hash(algorithm, data).value())
          .isEqualTo(Bytes.owning(jdk.digest(data.toArray())));
    }
  }

  @Test
  void whenBanksDiffer_thenBothAreNamed() {
    DigestSet value = DigestSet.filled(List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384), 0);
    DigestSet digests = DigestSet.filled(List.of(HashAlgorithm.SHA256), 0);

    assertThatThrownBy(() -> hasher.extend(value, digests)).hasMessageContaining("SHA384");
  }
}
