package dev.cairn.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
  @Test
  void everyCharacterOfUnicodeIsWellFormed() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 17) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        assertThat(Utf8.firstMalformed(Character.toString(c).getBytes(UTF_8)))
            .as("U+%04X", c)
            .isEqualTo(-1);
      }
    }
  }

  /** The JDK's decoder is the judge. */
  @Test
  void anyThreeOrFourBytesAreJudgedAsTheJdkDoes() {
    Random random = new Random(20261122);
    for (int i = 0; i < 300_000; i++) {
      byte[] bytes = new byte[3 + i % 2];
      random.nextBytes(bytes);
      bytes[0] |= (byte) 0xC0;
      if (i % 3 > 0) {
        bytes[1] = (byte) (0x80 | (bytes[1] & 0x3F));
        bytes[2] = (byte) (0x80 | (bytes[2] & 0x3F));
      }
      assertThat(Utf8.firstMalformed(bytes) < 0)
          .as("%x", ByteBuffer.wrap(bytes).getShort())
          .isEqualTo(wellFormedForTheJdk(bytes));
    }
  }

  private static boolean wellFormedForTheJdk(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void theOffsetIsThatOfTheCharacterThatIsCutOff() {
    assertThat(Utf8.firstMalformed(new byte[] {'a', (byte) 0xE2, (byte) 0x82})).isEqualTo(1);
  }
}
