package dev.cairn.evidence;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import dev.cairn.testing.Hostile;
import dev.cairn.testing.Json;
import dev.cairn.testing.SeededTest;
import dev.cairn.testing.Vectors;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPinTest {
  /** Of {@code openssl pkey -pubin -outform der | sha256sum}. */
  private static final String EC =
      "a853bead110f92b9b2d3f56ace46bed31744b26d15e6abc977864a09270877bf";

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = KeyPinTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static byte[] der(String name) throws IOException {
    String pem = new String(resource(name), US_ASCII);
    return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "ec-public.pem, " + EC,
    "ec-certificate.pem, " + EC,
    "rsa-public.pem, 1d572080488f6f678b016d92ac29f1b9840b5e83c9589ce99d8ece2ce51544db"
  })
  void whenAFileOfOpensslIsGiven_thenItIsItsFingerprint(String file, String fingerprint)
      throws Exception {
    assertThat(KeyPin.ofFile(Bytes.copyOf(resource(file))).bytes()).hasToString(fingerprint);
    assertThat(KeyPin.ofFile(Bytes.copyOf(der(file))).bytes()).hasToString(fingerprint);
  }

  /** TPM2_ReadPublic of a real TPM: TPM2B_PUBLIC, TPM2B_NAME, TPM2B_NAME. */
  @ParameterizedTest
  @ValueSource(ints = {20, 25})
  void whenATpm2bPublicIsGiven_thenItIsTheNameThatTheTpmSays(int index) throws Exception {
    Object vectors = Json.parseObject(Vectors.bytes("tpm/commands.json")).get("vectors");
    Object vector = ((List<?>) Objects.requireNonNull(vectors)).get(index);
    String response = String.valueOf(Json.object(Objects.requireNonNull(vector)).get("response"));
    Bytes body = Bytes.fromHex(response.substring(20));
    int end = 2 + (body.at(0) << 8 | body.at(1));
    Bytes name = body.slice(end + 2, end + 2 + (body.at(end) << 8 | body.at(end + 1)));

    assertThat(KeyPin.ofFile(body.slice(0, end)).bytes()).isEqualTo(name);
    assertThat(KeyPin.ofFile(body.slice(2, end)).bytes()).isEqualTo(name);
    assertThat(KeyPin.parse(name.toHex())).contains(new KeyPin(name));
  }

  @Test
  void whenDigitsAreGiven_thenTheyAreTheFingerprint() {
    KeyPin pin = new KeyPin(Bytes.fromHex(EC));

    assertThat(KeyPin.parse(EC)).contains(pin);
    assertThat(KeyPin.parse("sha256:" + EC.toUpperCase(java.util.Locale.ROOT))).contains(pin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ak.pem", "sha256:ab", "sha1:" + EC, EC + "00", "9999" + EC, "000c" + EC})
  void whenItIsNeitherFingerprintNorName_thenItMayBeAFile(String text) {
    assertThat(KeyPin.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "30",
        "3003020101",
        "0001",
        "00010099",
        "2d2d2d2d2d424547494e205055424c4943204b45592d2d2d2d2d0a3d0a2d2d2d2d2d454e44205055424c4943204b45592d2d2d2d2d"
      })
  void whenTheFileIsNoKey_thenThatIsSaid(String hex) {
    assertThatThrownBy(() -> KeyPin.ofFile(Bytes.owning(HexFormat.of().parseHex(hex))))
        .isInstanceOf(MalformedEvidenceException.class)
        .hasMessageStartingWith("key: ");
  }

  @SeededTest
  void whenTheFileIsDamaged_thenItIsAnotherKeyOrNone(long seed) throws Exception {
    byte[] file = seed % 2 == 0 ? resource("ec-certificate.pem") : der("rsa-public.pem");
    try {
      assertThat(KeyPin.ofFile(Bytes.owning(Hostile.mutate(file, seed))).bytes().length())
          .isGreaterThanOrEqualTo(20);
    } catch (MalformedEvidenceException refused) {
      assertThat(refused).hasMessageStartingWith("key: ");
    }
  }
}
