package dev.cairn.backend.tdx.emulation;

import static dev.cairn.backend.tdx.fuse.Errno.EACCES;
import static dev.cairn.backend.tdx.fuse.Errno.EBUSY;
import static dev.cairn.backend.tdx.fuse.Errno.EEXIST;
import static dev.cairn.backend.tdx.fuse.Errno.EFBIG;
import static dev.cairn.backend.tdx.fuse.Errno.EINVAL;
import static dev.cairn.backend.tdx.fuse.Errno.ENOENT;
import static dev.cairn.backend.tdx.fuse.Errno.ENOTTY;
import static dev.cairn.backend.tdx.fuse.Errno.ENXIO;
import static dev.cairn.backend.tdx.fuse.Errno.EPERM;
import static dev.cairn.backend.tdx.fuse.Errno.ERANGE;
import static dev.cairn.backend.tdx.fuse.Errno.ETXTBSY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.SystemCalls;
import dev.cairn.backend.tdx.fuse.SystemCalls.OpenDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The RFC's configfs ABI of run-time measurement registers, item by item, at the system calls.
 * EFAULT for a write of no bytes (of RTM-05 and RTM-15) is missing: the kernel never passes such a
 * write on to FUSE.
 */
class RtmrsChecklistTest extends EmulationTest {
  @Override
  Offer[] offers() {
    return new Offer[] {Offer.SYSFS, Offer.RTMRS};
  }

  private Path folder() {
    return kernel.configfs().resolve("tsm/rtmrs");
  }

  /** Makes an entry. */
  private Path made(String name) throws Exception {
    Path entry = folder().resolve(name);
    SystemCalls.mkdir(entry, 0700);
    return entry;
  }

  /** Makes an entry and binds it. */
  private Path bound(String name, int index) throws Exception {
    Path entry = made(name);
    write(entry.resolve("index"), Integer.toString(index));
    return entry;
  }

  private static OpenDescriptor writing(Path entry) throws Exception {
    return SystemCalls.open(entry.resolve("digest"), O_WRONLY);
  }

  private static byte[] value(Path entry) throws Exception {
    return read(entry.resolve("digest"));
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void rtm01_when_the_provider_has_no_rtmrs_then_there_is_no_folder(@TempDir Path other)
      throws Exception {
    try (EmulatedKernel without = EmulatedKernel.start(other, Offer.REPORTS)) {
      Path rtmrs = without.configfs().resolve("tsm/rtmrs");
      assertThat(errno(() -> SystemCalls.open(rtmrs, O_RDONLY))).isEqualTo(ENOENT);
    }
  }

  @Test
  void rtm02_when_an_entry_is_made_without_provider_or_twice_then_mkdir_says_so() throws Exception {
    made("a");
    assertThat(errno(() -> made("a"))).isEqualTo(EEXIST);

    kernel.rtmrs().setRegistered(false);
    assertThat(errno(() -> made("b"))).isEqualTo(ENXIO);
  }

  @Test
  void rtm03_when_an_entry_is_made_then_modes_and_sizes_are_fixed() throws Exception {
    Path entry = made("a");

    assertThat(mode(entry)).isEqualTo("rwxr-xr-x");
    assertThat(mode(entry.resolve("index"))).isEqualTo("rw-r--r--");
    assertThat(Files.size(entry.resolve("index"))).isEqualTo(4096);
    assertThat(mode(entry.resolve("tcg_map"))).isEqualTo("r--r--r--");
    assertThat(Files.size(entry.resolve("tcg_map"))).isEqualTo(4096);
    assertThat(mode(entry.resolve("digest"))).isEqualTo("rw-r--r--");
    assertThat(Files.size(entry.resolve("digest"))).isZero();
  }

  @Test
  void rtm04_when_unbound_then_index_and_digest_say_ENXIO_at_the_read() throws Exception {
    Path entry = made("a");

    assertThat(errno(() -> read(entry.resolve("index")))).isEqualTo(ENXIO);
    assertThat(errno(() -> value(entry))).isEqualTo(ENXIO);
    assertThat(text(entry.resolve("tcg_map"))).isEqualTo("\n");
  }

  @Test
  void rtm05_when_the_index_is_no_number_then_write_says_so() throws Exception {
    Path index = made("a").resolve("index");

    assertThat(errno(() -> write(index, "x"))).isEqualTo(EINVAL);
    assertThat(errno(() -> write(index, "2 "))).isEqualTo(EINVAL);
    assertThat(errno(() -> write(index, "09"))).isEqualTo(EINVAL);
    assertThat(errno(() -> write(index, "2\n\n"))).isEqualTo(EINVAL);
    assertThat(errno(() -> write(index, "99999999999"))).isEqualTo(ERANGE);
    assertThat(errno(() -> read(index))).isEqualTo(ENXIO);
  }

  @Test
  void rtm06_when_the_index_has_a_prefix_then_it_is_taken_as_in_C() throws Exception {
    Path first = made("a").resolve("index");
    Path second = made("b").resolve("index");

    assertThat(write(first, "0x2\n")).isEqualTo(4);
    assertThat(write(second, "03")).isEqualTo(2);

    assertThat(text(first)).isEqualTo("2\n");
    assertThat(text(second)).isEqualTo("3\n");
  }

  @Test
  void rtm07_when_bound_again_then_write_says_EBUSY() throws Exception {
    Path index = bound("a", 2).resolve("index");

    assertThat(errno(() -> write(index, "2"))).isEqualTo(EBUSY);
    assertThat(errno(() -> write(index, "3"))).isEqualTo(EBUSY);
    assertThat(errno(() -> write(index, "x"))).isEqualTo(EINVAL);
  }

  @Test
  void rtm08_when_the_index_cannot_be_bound_then_write_says_why() throws Exception {
    bound("a", 0);
    Path index = made("b").resolve("index");

    assertThat(errno(() -> write(index, "4"))).isEqualTo(EINVAL);
    assertThat(errno(() -> write(index, "0"))).isEqualTo(EINVAL);
    kernel.rtmrs().setMap(3, 7);
    assertThat(errno(() -> write(index, "3"))).isEqualTo(EBUSY);
    kernel.rtmrs().setRegistered(false);
    assertThat(errno(() -> write(index, "2"))).isEqualTo(ENOTTY);
  }

  @Test
  void rtm09_when_a_digest_is_written_then_it_counts_at_close() throws Exception {
    Path entry = bound("a", 2);
    byte[] before = value(entry);
    OpenDescriptor open = writing(entry);
    assertThat(open.write(digest(1))).isEqualTo(48);
    assertThat(value(entry)).isEqualTo(before);

    open.close();

    assertThat(value(entry)).isEqualTo(extended(before, digest(1)));
  }

  @Test
  void rtm10_when_an_unbound_entry_is_extended_then_nobody_says_anything() throws Exception {
    assertThat(write(made("a").resolve("digest"), digest(1))).isEqualTo(48);

    for (int i = 0; i < 4; i++) {
      assertThat(kernel.hardware().extended(i)).isEmpty();
    }
  }

  @Test
  void rtm10_when_47_bytes_are_written_then_nobody_says_anything() throws Exception {
    Path entry = bound("a", 2);

    assertThat(write(entry.resolve("digest"), bytes(47, 1))).isEqualTo(47);

    assertThat(value(entry)).isEqualTo(new byte[48]);
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EBUSY", "EIO"})
  void rtm10_when_the_hardware_fails_then_nobody_says_anything(Errno errno) throws Exception {
    Path entry = bound("a", 2);
    kernel.faults().fail(Place.EXTEND, Faults.next(1), errno);

    assertThat(write(entry.resolve("digest"), digest(1))).isEqualTo(48);

    assertThat(value(entry)).isEqualTo(new byte[48]);
    assertThat(kernel.faults().happened()).isEqualTo(1);
  }

  @Test
  void rtm11_when_written_in_two_halves_then_they_are_one_extend() throws Exception {
    Path entry = bound("a", 2);
    try (OpenDescriptor open = writing(entry)) {
      assertThat(open.write(bytes(24, 5))).isEqualTo(24);
      assertThat(open.write(bytes(24, 5))).isEqualTo(24);
    }

    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(5)));
  }

  @Test
  void rtm12_when_65_bytes_are_written_then_write_says_EFBIG_and_nothing_counts() throws Exception {
    Path entry = bound("a", 2);

    assertThat(errno(() -> write(entry.resolve("digest"), bytes(65, 1)))).isEqualTo(EFBIG);

    assertThat(value(entry)).isEqualTo(new byte[48]);
  }

  @Test
  void rtm13_when_48_more_are_written_then_EFBIG_and_the_first_count() throws Exception {
    Path entry = bound("a", 2);
    try (OpenDescriptor open = writing(entry)) {
      assertThat(open.write(digest(1))).isEqualTo(48);
      assertThat(errno(() -> open.write(digest(2)))).isEqualTo(EFBIG);
    }

    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(1)));
  }

  @Test
  void rtm14_when_49_to_64_bytes_are_written_then_the_provider_decides() throws Exception {
    Path entry = bound("a", 2);
    assertThat(write(entry.resolve("digest"), bytes(49, 1))).isEqualTo(49);
    assertThat(value(entry)).isEqualTo(new byte[48]);

    kernel.rtmrs().setOversize(Rtmrs.Oversize.CUT);
    assertThat(write(entry.resolve("digest"), bytes(64, 1))).isEqualTo(64);
    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(1)));
  }

  @Test
  void rtm15_when_only_a_refused_write_was_made_then_close_commits_nothing() throws Exception {
    Path entry = bound("a", 2);
    try (OpenDescriptor open = writing(entry)) {
      assertThat(errno(() -> open.write(bytes(65, 1)))).isEqualTo(EFBIG);
    }

    assertThat(value(entry)).isEqualTo(new byte[48]);
  }

  @Test
  void rtm16_when_read_and_written_by_one_descriptor_then_the_second_call_says_ETXTBSY()
      throws Exception {
    Path entry = bound("a", 2);
    try (OpenDescriptor open = SystemCalls.open(entry.resolve("digest"), O_RDWR)) {
      assertThat(open.read(48)).isEqualTo(new byte[48]);
      assertThat(errno(() -> open.write(digest(1)))).isEqualTo(ETXTBSY);
    }
    assertThat(value(entry)).isEqualTo(new byte[48]);

    try (OpenDescriptor open = SystemCalls.open(entry.resolve("digest"), O_RDWR)) {
      assertThat(open.write(digest(1))).isEqualTo(48);
      assertThat(errno(() -> open.read(48))).isEqualTo(ETXTBSY);
    }
    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(1)));
  }

  @Test
  void rtm17_when_read_on_after_an_extend_then_the_old_value_comes() throws Exception {
    Path entry = bound("a", 2);
    try (OpenDescriptor open = SystemCalls.open(entry.resolve("digest"), O_RDONLY)) {
      assertThat(open.read(20)).isEqualTo(new byte[20]);
      write(entry.resolve("digest"), digest(1));
      assertThat(open.read(100)).isEqualTo(new byte[28]);
    }

    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(1)));
  }

  @Test
  void rtm18_when_extended_by_another_path_then_the_value_is_stale_until_the_next_write()
      throws Exception {
    Path entry = bound("a", 2);
    byte[] before = value(entry);
    write(kernel.measurements("tdx_guest").resolve("rtmr2:sha384"), digest(1));

    assertThat(value(entry)).isEqualTo(before);

    write(entry.resolve("digest"), digest(2));
    assertThat(value(entry)).isEqualTo(extended(extended(before, digest(1)), digest(2)));
  }

  @Test
  void rtm18_when_an_extend_fails_then_the_next_read_is_true() throws Exception {
    Path entry = bound("a", 2);
    byte[] before = value(entry);
    write(kernel.measurements("tdx_guest").resolve("rtmr2:sha384"), digest(1));
    kernel.faults().fail(Place.EXTEND, Faults.next(1), EBUSY);

    write(entry.resolve("digest"), digest(2));

    assertThat(value(entry)).isEqualTo(extended(before, digest(1)));
  }

  @Test
  void rtm19_when_the_descriptor_is_doubled_then_the_last_close_commits() throws Exception {
    Path entry = bound("a", 2);
    OpenDescriptor first = writing(entry);
    OpenDescriptor second = first.dup();
    first.write(digest(1));
    first.close();
    assertThat(value(entry)).isEqualTo(new byte[48]);

    second.close();

    assertThat(value(entry)).isEqualTo(extended(new byte[48], digest(1)));
  }

  @Test
  void rtm20_when_a_bound_entry_is_removed_then_its_index_is_lost() throws Exception {
    SystemCalls.rmdir(bound("a", 2));
    Path index = made("b").resolve("index");

    assertThat(errno(() -> write(index, "2"))).isEqualTo(EINVAL);
    assertThat(write(index, "3")).isEqualTo(1);
  }

  @Test
  void rtm21_when_removed_with_files_open_then_reads_say_ENOENT_and_the_digest_is_dropped()
      throws Exception {
    Path entry = bound("a", 2);
    OpenDescriptor index = SystemCalls.open(entry.resolve("index"), O_RDWR);
    OpenDescriptor reading = SystemCalls.open(entry.resolve("digest"), O_RDONLY);
    OpenDescriptor writing = writing(entry);

    SystemCalls.rmdir(entry);

    assertThat(errno(() -> index.read(10))).isEqualTo(ENOENT);
    assertThat(errno(() -> index.write(bytes(1, '2')))).isEqualTo(ENOENT);
    assertThat(errno(() -> reading.read(48))).isEqualTo(ENOENT);
    assertThat(writing.write(digest(1))).isEqualTo(48);
    writing.close();
    index.close();
    reading.close();
    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void rtm22_when_files_are_made_or_removed_then_the_call_says_why_not() throws Exception {
    Path entry = made("a");

    assertThat(errno(() -> SystemCalls.unlink(entry.resolve("index")))).isEqualTo(EPERM);
    assertThat(errno(() -> SystemCalls.mkdir(entry.resolve("b"), 0755))).isEqualTo(EPERM);
    assertThat(errno(() -> SystemCalls.open(entry.resolve("b"), O_WRONLY | O_CREAT)))
        .isEqualTo(EACCES);
    SystemCalls.rmdir(entry);
    assertThat(entry).doesNotExist();
  }

  @Test
  void rtm23_when_all_are_bound_then_their_maps_are_those_of_tdx() throws Exception {
    assertThat(text(bound("a", 0).resolve("tcg_map"))).isEqualTo("1,7\n");
    assertThat(text(bound("b", 1).resolve("tcg_map"))).isEqualTo("2-6\n");
    assertThat(text(bound("c", 2).resolve("tcg_map"))).isEqualTo("8-15\n");
    assertThat(text(bound("d", 3).resolve("tcg_map"))).isEqualTo("\n");
  }
}
