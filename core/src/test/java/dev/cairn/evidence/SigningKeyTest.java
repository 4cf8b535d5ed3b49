package dev.cairn.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.measure.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SigningKeyTest {
  private static final Bytes NAME = Bytes.fromHex("000b0102");
  private static final Bytes SHA256_OF_ABC =
      Bytes.fromHex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  private final SigningKey key =
      new SigningKey(Bytes.copyOf("abc".getBytes(StandardCharsets.US_ASCII)), Optional.of(NAME));

  @Test
  void whenPinnedByFingerprintOrName_thenMatches() {
    assertThat(key.matches(SHA256_OF_ABC)).isTrue();
    assertThat(key.matches(NAME)).isTrue();
  }

  @Test
  void whenPinnedByAnythingElse_thenNoMatch() {
    assertThat(key.matches(Bytes.EMPTY)).isFalse();
    assertThat(key.matches(Bytes.fromHex("000b0103"))).isFalse();
    assertThat(key.matches(key.subjectPublicKeyInfo())).isFalse();
  }
}
