package dev.cairn.eventlog.ima;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.measure.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImaFieldsTest {
  @Test
  void whenATemplateIsBuiltIn_thenItsFieldsHaveTheirNames() {
    ImaTemplate template =
        new ImaTemplate("ima-sig", Bytes.fromHex("01000000aa" + "020000002f00" + "00000000"));

    assertThat(ImaFields.parse(template))
        .containsExactly(
            new ImaField("d-ng", Bytes.fromHex("aa")),
            new ImaField("n-ng", Bytes.fromHex("2f00")),
            new ImaField("sig", Bytes.EMPTY));
  }

  @Test
  void whenATemplateIsCustom_thenItsNameIsItsFormat() {
    ImaTemplate template = new ImaTemplate("sig|d-ng", Bytes.fromHex("0000000001000000aa"));

    assertThat(ImaFields.parse(template))
        .containsExactly(
            new ImaField("sig", Bytes.EMPTY), new ImaField("d-ng", Bytes.fromHex("aa")));
  }

  @Test
  void whenTheTemplateIsTheOldOne_thenItsDigestHasNoLength() {
    Bytes data = Bytes.fromHex("11".repeat(20) + "020000002f78");

    assertThat(ImaFields.parse(new ImaTemplate("ima", data)))
        .containsExactly(
            new ImaField("d", Bytes.filled(20, 0x11)), new ImaField("n", Bytes.fromHex("2f78")));
  }

  @ParameterizedTest
  @CsvSource({
    "ima-ng, 01000000aa, field n-ng: no length",
    "ima-ng, 02000000aa, field d-ng: needs 2 bytes",
    "ima-ng, ffffffffaa, field d-ng: needs 4294967295 bytes",
    "sig,    0000000000, 1 bytes behind its last field",
    "ima,    1111,       field d: needs 20 bytes",
  })
  void whenALengthDoesNotFit_thenItNamesTheField(String name, String data, String reason) {
    ImaTemplate template = new ImaTemplate(name, Bytes.fromHex(data));

    assertThatThrownBy(() -> ImaFields.parse(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"00, 0", "1111111111111111111111111111111111111111, 19", "11, 300"})
  void whenDataOfTheOldTemplateHaveAnotherForm_thenNothingIsHashed(String digest, int name) {
    ImaTemplate template =
        new ImaTemplate("ima", Bytes.fromHex(digest + "01000000" + "41".repeat(name)));

    assertThat(ImaBinary.hashInput(template)).isEmpty();
  }
}
