package dev.cairn.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.measure.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LittleEndianInputTest {
  private static LittleEndianInput input(byte[] bytes) {
    return new LittleEndianInput(new ByteArrayInputStream(bytes), LogFormat.TCG2);
  }

  private static LittleEndianInput input(String hex) {
    return input(Bytes.fromHex(hex).toArray());
  }

  /** Gives one byte at a time, as a slow pipe does. */
  private static InputStream dripping(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int from, int length) {
        return super.read(target, from, Math.min(1, length));
      }
    };
  }

  @Nested
  class GivenFields {
    @Test
    void whenRead_thenIntegersAreUnsignedAndTheOffsetFollows() throws IOException {
      LittleEndianInput in = input("0180" + "fffffffe" + "aabb");

      assertThat(in.u16("a")).isEqualTo(0x8001);
      assertThat(in.u32("b")).isEqualTo(0xFEFF_FFFFL);
      assertThat(in.offset()).isEqualTo(6);
      assertThat(in.bytes(2, "c")).isEqualTo(Bytes.fromHex("aabb"));
      assertThat(in.left(1)).isZero();
    }

    @Test
    void whenTheyComeByteByByte_thenNothingChanges() throws IOException {
      var in = new LittleEndianInput(dripping(new byte[] {1, 0, 0, 0, 7}), LogFormat.TCG2);

      assertThat(in.u32("a")).isEqualTo(1);
      assertThat(in.peek(10)).isEqualTo(Bytes.fromHex("07"));
    }

    @Test
    void whenTheyAreManyTimesTheWindow_thenOffsetsStayRight() throws IOException {
      byte[] bytes = new byte[1_000_000];
      bytes[999_999] = 5;
      LittleEndianInput in = input(bytes);
      for (int i = 0; i < 9; i++) {
        in.bytes(111_111, "block");
      }

      assertThat(in.offset()).isEqualTo(999_999);
      assertThat(in.nextAre(1, 5)).isTrue();
    }

    @Test
    void whenOneIsCut_thenTheErrorNamesItAndItsPlace() throws IOException {
      LittleEndianInput in = input("000102");
      in.u16("a");

      assertThatThrownBy(() -> in.u32("size"))
          .isInstanceOf(MalformedLogException.class)
          .hasMessage("tcg2: offset 2: size needs 4 bytes, 1 are left");
    }

    @Test
    void whenALengthIsAboveTheLimit_thenItIsRefusedWhereItStands() {
      assertThatThrownBy(() -> input("00000080").length("length", 100))
          .hasMessage("tcg2: offset 0: length says 2147483648, at most 100 is accepted");
    }
  }

  @Nested
  class GivenPadding {
    @Test
    void whenSkipped_thenTheNextOtherByteComesNext() throws IOException {
      byte[] bytes = new byte[100_000];
      bytes[99_000] = 9;
      LittleEndianInput in = input(bytes);

      in.skipAll(0);

      assertThat(in.offset()).isEqualTo(99_000);
    }

    @Test
    void whenLookedAt_thenNothingIsRead() throws IOException {
      LittleEndianInput in = input("0000ff");

      assertThat(in.nextAre(2, 0)).isTrue();
      assertThat(in.nextAre(3, 0)).isFalse();
      assertThat(in.nextAre(4, 0)).isFalse();
      assertThat(in.nextAre(new byte[] {0, 0, -1})).isTrue();
      assertThat(in.offset()).isZero();
    }

    @Test
    void whenMoreIsSkippedThanIsThere_thenItIsAMistakeOfTheReader() {
      assertThatThrownBy(() -> input("00").skip(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
