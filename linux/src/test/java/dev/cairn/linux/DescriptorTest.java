package dev.cairn.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorTest {
  @TempDir Path folder;

  @Test
  void given_a_missing_file_when_opened_then_ENOENT_and_nothing_is_made() {
    Path file = folder.resolve("tpmrm0");

    assertThatThrownBy(() -> Descriptor.open(file, Descriptor.O_RDWR))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("tpmrm0: open: ENOENT");
    assertThat(file).doesNotExist();
  }

  @Test
  void given_O_CREAT_when_opened_then_refused() {
    assertThatThrownBy(() -> Descriptor.open(folder.resolve("x"), Descriptor.O_RDWR | 0x40))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void given_a_file_when_written_and_read_then_one_call_moves_the_bytes() throws Exception {
    Path file = Files.createFile(folder.resolve("register"));
    ByteBuffer from = direct("0123456789");
    from.position(2);

    try (Descriptor open = Descriptor.open(file, Descriptor.O_RDWR)) {
      assertThat(open.write(from)).isEqualTo(8);
      assertThat(from.hasRemaining()).isFalse();

      ByteBuffer into = ByteBuffer.allocateDirect(16);
      into.position(1);
      assertThat(open.read(into, 3)).isEqualTo(5);
      assertThat(StandardCharsets.US_ASCII.decode(into.flip().position(1)).toString())
          .isEqualTo("56789");
    }
    assertThat(file).hasContent("23456789");
  }

  @Test
  void given_a_file_when_written_at_an_offset_then_the_position_stays() throws Exception {
    Path file = Files.writeString(folder.resolve("register"), "0123456789");

    try (Descriptor open = Descriptor.open(file, Descriptor.O_RDWR)) {
      assertThat(open.write(direct("ab"), 4)).isEqualTo(2);
      assertThat(open.write(direct("c"))).isEqualTo(1);
    }
    assertThat(file).hasContent("c123ab6789");
  }

  @Test
  void given_a_silent_pipe_when_polled_then_zero_after_the_time() throws Exception {
    Path fifo = folder.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();

    try (Descriptor open = Descriptor.open(fifo, Descriptor.O_RDWR | Descriptor.O_NONBLOCK)) {
      assertThat(open.poll(Descriptor.POLLIN, 10)).isZero();
      assertThatThrownBy(() -> open.read(ByteBuffer.allocateDirect(1)))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));

      open.write(direct("x"));
      assertThat(open.poll(Descriptor.POLLIN, 1000)).isEqualTo(Descriptor.POLLIN);
    }
  }

  @Test
  void given_a_locked_file_when_locked_by_another_descriptor_then_EAGAIN() throws Exception {
    Path file = Files.createFile(folder.resolve("lock"));

    try (Descriptor first = Descriptor.open(file, Descriptor.O_RDWR);
        Descriptor second = Descriptor.open(file, Descriptor.O_RDWR)) {
      first.lock(Descriptor.LOCK_EX | Descriptor.LOCK_NB);

      assertThatThrownBy(() -> second.lock(Descriptor.LOCK_EX | Descriptor.LOCK_NB))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
    }
  }

  @Test
  void given_a_file_that_is_no_device_when_ioctl_then_ENOTTY() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    try (Descriptor open = Descriptor.open(file, Descriptor.O_RDONLY)) {
      assertThatThrownBy(() -> open.ioctl(0xc4405401L, ByteBuffer.allocateDirect(64)))
          .isInstanceOfSatisfying(
              ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTTY));
    }
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
