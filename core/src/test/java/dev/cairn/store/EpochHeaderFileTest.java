package dev.cairn.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.RegisterId;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochHeaderFileTest {
  private static final String JSON =
      """
      {
        "version" : 1,
        "backend" : "emulator",
        "created" : "2026-01-01T00:00:00Z",
        "boot_id" : "boot-1",
        "reset_count" : 5,
        "registers" : {
          "rtmr2" : {
            "origin" : "reset value",
            "value" : {
              "sha384" : "%s"
            }
          }
        }
      }"""
          .formatted("00".repeat(48));

  @Test
  void whenWritten_thenItIsTheTextOfTheTable() throws Exception {
    assertThat(new String(EpochHeaderFile.encode(Logs.header()), UTF_8)).isEqualTo(JSON);
  }

  @Test
  void whenRead_thenItIsWhatWasWritten() throws Exception {
    assertThat(EpochHeaderFile.decode(JSON.getBytes(UTF_8))).isEqualTo(Logs.header());
  }

  @Test
  void whenNotAllRegistersAreOwned_thenThoseThatAreAreNamed() throws Exception {
    EpochHeader header =
        Logs.header()
            .withOwned(
                Set.of(),
                Map.of(RegisterId.MRTD, Logs.header().startValues().values().iterator().next()));

    byte[] json = EpochHeaderFile.encode(header);

    assertThat(new String(json, UTF_8)).contains("\"owned\" : [ ]");
    assertThat(EpochHeaderFile.decode(json)).isEqualTo(header);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\" : 1 | \"version\" : 2 | version 2: this Cairn reads 1",
        "\"boot_id\" | \"bootid\" | bootid: unknown member",
        "\"origin\" | \"from\" | rtmr2.from: unknown member",
        "\"backend\" : \"emulator\" | \"backend\" : 5 | backend: needs a string",
        "\"reset_count\" : 5 | \"reset_count\" : \"5\" | reset_count: needs an integer",
        "2026-01-01T | yesterday | yesterday00:00:00Z is no time",
        "rtmr2 | rtmr9 | no register has the name rtmr9",
        "sha384 | sha385 | rtmr2.value: no bank is named sha385",
        "sha384 | sha256 | rtmr2.value.sha256: sha256: 48 bytes, needs 32",
        "0000 | 0g00 | rtmr2.value.sha384",
        "\"version\" : 1, | \"version\" : 1, \"owned\" : 1, | owned: needs an array",
        "\"version\" : 1, | \"version\" : 1, \"owned\" : [1], | owned: needs names",
        "\"version\" : 1, | \"version\" : 1, \"owned\" : [\"x\"], | owned: no register has the name x",
        "\"version\" : 1, | \"version\" : 1, \"version\" : 1, | Duplicate field",
        "\"boot_id\" : \"boot-1\", | '' | boot_id: missing",
      })
  void whenAMemberIsWrong_thenItIsNamed(String part, String wrong, String message) {
    String json = JSON.replaceFirst(java.util.regex.Pattern.quote(part), wrong);

    assertThatThrownBy(() -> EpochHeaderFile.decode(json.getBytes(UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whenItIsCutAtAnyByte_thenItIsRefused() {
    for (int length = 0; length < JSON.length(); length++) {
      byte[] cut = JSON.substring(0, length).getBytes(UTF_8);
      assertThatThrownBy(() -> EpochHeaderFile.decode(cut)).isInstanceOf(IOException.class);
    }
  }
}
