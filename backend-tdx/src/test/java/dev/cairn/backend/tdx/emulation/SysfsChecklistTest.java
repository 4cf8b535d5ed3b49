package dev.cairn.backend.tdx.emulation;

import static dev.cairn.backend.tdx.fuse.Errno.EACCES;
import static dev.cairn.backend.tdx.fuse.Errno.EBUSY;
import static dev.cairn.backend.tdx.fuse.Errno.EFBIG;
import static dev.cairn.backend.tdx.fuse.Errno.EINTR;
import static dev.cairn.backend.tdx.fuse.Errno.EINVAL;
import static dev.cairn.backend.tdx.fuse.Errno.EIO;
import static dev.cairn.backend.tdx.fuse.Errno.ENODEV;
import static dev.cairn.backend.tdx.fuse.Errno.ENOENT;
import static dev.cairn.backend.tdx.fuse.Errno.ENXIO;
import static dev.cairn.backend.tdx.fuse.Errno.EPERM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.SystemCalls;
import dev.cairn.backend.tdx.fuse.SystemCalls.OpenDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's sysfs ABI of measurement registers, item by item, at the system calls. */
class SysfsChecklistTest extends EmulationTest {
  @Override
  Offer[] offers() {
    return new Offer[] {Offer.SYSFS, Offer.SAMPLE};
  }

  private Path register(String file) {
    return kernel.measurements("tdx_guest").resolve(file);
  }

  private Path rtmr(int index) {
    return register("rtmr" + index + ":sha384");
  }

  private static OpenDescriptor writing(Path file) throws Exception {
    return SystemCalls.open(file, O_WRONLY);
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void sys01_when_a_missing_register_is_opened_then_open_says_ENOENT_and_nothing_is_made()
      throws Exception {
    assertThat(errno(() -> SystemCalls.open(rtmr(9), O_WRONLY))).isEqualTo(ENOENT);
    assertThat(errno(() -> SystemCalls.open(rtmr(9), O_WRONLY | O_CREAT))).isEqualTo(EACCES);

    assertThat(rtmr(9)).doesNotExist();
    assertThat(errno(() -> SystemCalls.mkdir(rtmr(9), 0755))).isEqualTo(EPERM);
    assertThat(errno(() -> SystemCalls.unlink(rtmr(2)))).isEqualTo(EPERM);
  }

  @Test
  void sys02_when_a_read_only_register_is_opened_for_writing_then_open_says_EACCES_to_root_too()
      throws Exception {
    Path mrtd = register("mrtd:sha384");
    assertThat(errno(() -> SystemCalls.open(mrtd, O_WRONLY))).isEqualTo(EACCES);

    SystemCalls.chmod(mrtd, 0644);

    assertThat(mode(mrtd)).isEqualTo("rw-r--r--");
    assertThat(errno(() -> SystemCalls.open(mrtd, O_WRONLY))).isEqualTo(EACCES);
    assertThat(errno(() -> SystemCalls.open(mrtd, O_RDWR))).isEqualTo(EACCES);
  }

  @Test
  void sys03_when_the_mode_does_not_allow_it_then_open_says_EACCES_until_it_does()
      throws Exception {
    kernel.tdxGuest().setPermissions("rtmr2:sha384", 0444);
    assertThat(errno(() -> SystemCalls.open(rtmr(2), O_WRONLY))).isEqualTo(EACCES);

    kernel.tdxGuest().setPermissions("rtmr2:sha384", 0664);
    assertThat(write(rtmr(2), digest(1))).isEqualTo(48);
  }

  @Test
  void sys03_when_another_user_writes_then_only_with_a_group_that_may() throws Exception {
    Path file = rtmr(2);
    SystemCalls.chmod(file, 0664);
    kernel.tdxGuest().setOwner("rtmr2:sha384", 1, 1);
    assertThat(asOtherUser(file)).isEqualTo("Permission denied");

    kernel.tdxGuest().setOwner("rtmr2:sha384", 1, otherGroup());
    assertThat(asOtherUser(file)).isEmpty();
    assertThat(kernel.hardware().extended(2)).hasSize(1);
  }

  private static boolean isRoot() throws Exception {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private static int otherGroup() throws Exception {
    return isRoot() ? 65_534 : (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
  }

  /** Writes 48 bytes as a user that is not root; returns what the shell says. */
  private static String asOtherUser(Path file) throws Exception {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
    }
    command.addAll(List.of("sh", "-c", "printf %048d 0 1<>\"$0\" && echo >&2", file.toString()));
    Process shell = new ProcessBuilder(command).start();
    String errors = new String(shell.getErrorStream().readAllBytes(), UTF_8).strip();
    return errors.substring(errors.lastIndexOf(':') + 1).strip();
  }

  @Test
  void sys04_when_asked_for_its_size_then_it_is_that_of_the_digest_whatever_is_cut()
      throws Exception {
    assertThat(Files.size(rtmr(2))).isEqualTo(48);
    assertThat(mode(rtmr(2))).isEqualTo("rw-r--r--");
    assertThat(mode(register("mrtd:sha384"))).isEqualTo("r--r--r--");
    assertThat(mode(register("mrowner"))).isEqualTo("r--r--r--");
    byte[] before = read(rtmr(2));

    try (OpenDescriptor open = SystemCalls.open(rtmr(2), O_WRONLY | O_TRUNC)) {
      open.ftruncate(0);
    }

    assertThat(Files.size(rtmr(2))).isEqualTo(48);
    assertThat(read(rtmr(2))).isEqualTo(before);
  }

  @Test
  void sys05_when_read_at_an_offset_then_the_rest_comes() throws Exception {
    byte[] value = kernel.hardware().rtmr(0);
    try (OpenDescriptor open = SystemCalls.open(rtmr(0), O_RDONLY)) {
      assertThat(open.pread(48, 0)).isEqualTo(value);
      assertThat(open.pread(10, 40)).isEqualTo(java.util.Arrays.copyOfRange(value, 40, 48));
      assertThat(open.pread(1, 48)).isEmpty();
      assertThat(open.pread(5, 3)).isEqualTo(java.util.Arrays.copyOfRange(value, 3, 8));
    }
  }

  @Test
  void sys06_when_read_twice_then_the_second_read_is_at_the_end() throws Exception {
    try (OpenDescriptor open = SystemCalls.open(rtmr(0), O_RDONLY)) {
      assertThat(open.read(100)).hasSize(48);
      assertThat(open.read(100)).isEmpty();
    }
  }

  @Test
  void sys07_when_48_bytes_are_written_then_the_register_changes_at_the_write() throws Exception {
    byte[] one = new byte[48];
    one[0] = 1;
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(open.write(one)).isEqualTo(48);

      assertThat(read(rtmr(2)))
          .isEqualTo(
              hex(
                  "dcae87d56ea61215f323a6263060b6962802b2506f80be2a92cb0c4a1f0680f0"
                      + "9c14eeaa6e82c9fa9aecf9524f65c59b"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 47})
  void sys08_when_too_little_is_written_then_write_says_EINVAL(int length) throws Exception {
    assertThat(errno(() -> write(rtmr(2), bytes(length, 1)))).isEqualTo(EINVAL);

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {49, 64, 5000})
  void sys09_sys10_when_too_much_is_written_then_48_bytes_count_and_the_rest_is_EFBIG(int length)
      throws Exception {
    byte[] before = read(rtmr(2));
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(open.write(bytes(length, 7))).isEqualTo(48);
      assertThat(errno(() -> open.write(bytes(length - 48, 7)))).isEqualTo(EFBIG);
    }

    assertThat(read(rtmr(2))).isEqualTo(extended(before, digest(7)));
  }

  @Test
  void sys11_when_written_twice_then_the_second_write_is_EFBIG_and_pwrite_at_0_extends()
      throws Exception {
    byte[] before = read(rtmr(2));
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(open.write(digest(1))).isEqualTo(48);
      assertThat(errno(() -> open.write(digest(2)))).isEqualTo(EFBIG);
      assertThat(open.pwrite(digest(3), 0)).isEqualTo(48);
    }

    assertThat(read(rtmr(2))).isEqualTo(extended(extended(before, digest(1)), digest(3)));
  }

  @Test
  void sys12_sys13_when_written_at_an_offset_then_EINVAL_inside_and_EFBIG_behind()
      throws Exception {
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(errno(() -> open.pwrite(digest(1), 1))).isEqualTo(EINVAL);
      assertThat(errno(() -> open.pwrite(bytes(47, 1), 1))).isEqualTo(EINVAL);
      assertThat(errno(() -> open.pwrite(bytes(1, 1), 47))).isEqualTo(EINVAL);
      assertThat(errno(() -> open.pwrite(digest(1), 48))).isEqualTo(EFBIG);
      assertThat(errno(() -> open.pwrite(bytes(1, 1), 48))).isEqualTo(EFBIG);
    }

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void sys14_when_nothing_is_written_then_0_and_nothing_happens() throws Exception {
    assertThat(write(rtmr(2), new byte[0])).isZero();

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void sys15_when_written_in_two_halves_then_EINVAL_twice() throws Exception {
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(errno(() -> open.write(bytes(24, 1)))).isEqualTo(EINVAL);
      assertThat(errno(() -> open.write(bytes(24, 1)))).isEqualTo(EINVAL);
    }

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void sys16_when_closed_then_0_and_nothing_happens() throws Exception {
    OpenDescriptor refused = writing(rtmr(2));
    assertThat(errno(() -> refused.write(bytes(47, 1)))).isEqualTo(EINVAL);
    refused.close();

    writing(rtmr(2)).close();

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"ENXIO", "EBUSY", "EIO", "EINTR"})
  void sys17_when_the_hardware_fails_then_write_says_so_and_reads_are_from_the_cache(Errno errno)
      throws Exception {
    byte[] before = read(rtmr(2));
    int refreshes = kernel.tdxGuest().refreshes();
    kernel.faults().fail(Place.EXTEND, Faults.next(1), errno);
    try (OpenDescriptor open = writing(rtmr(2))) {
      assertThat(errno(() -> open.write(digest(1)))).isEqualTo(errno);
    }

    assertThat(read(rtmr(2))).isEqualTo(before);
    assertThat(kernel.tdxGuest().refreshes()).isEqualTo(refreshes);
    assertThat(write(rtmr(2), digest(1))).isEqualTo(48);
  }

  @Test
  void sys18_when_the_refresh_fails_then_read_says_so_and_the_next_one_refreshes()
      throws Exception {
    kernel.faults().fail(Place.REFRESH, call -> call == 1, EBUSY);
    kernel.faults().fail(Place.REFRESH, call -> call == 2, ENXIO);

    assertThat(errno(() -> read(rtmr(2)))).isEqualTo(EBUSY);
    assertThat(errno(() -> read(rtmr(3)))).isEqualTo(ENXIO);

    assertThat(read(rtmr(3))).isEqualTo(kernel.hardware().rtmr(3));
  }

  @Test
  void sys19_when_extended_and_read_then_one_refresh_serves_all() throws Exception {
    read(rtmr(0));
    int before = kernel.tdxGuest().refreshes();

    write(rtmr(2), digest(1));
    write(rtmr(3), digest(2));
    assertThat(kernel.tdxGuest().refreshes()).isEqualTo(before);
    for (int i = 0; i < 4; i++) {
      assertThat(read(rtmr(i))).isEqualTo(kernel.hardware().rtmr(i));
    }

    assertThat(kernel.tdxGuest().refreshes()).isEqualTo(before + 1);
  }

  @Test
  void sys20_when_static_registers_are_read_then_nothing_is_refreshed() throws Exception {
    for (String name : List.of("mrtd:sha384", "mrconfigid", "mrowner", "mrownerconfig")) {
      assertThat(read(register(name))).hasSize(48);
    }

    assertThat(kernel.tdxGuest().refreshes()).isZero();
  }

  @Test
  void sys21_when_the_driver_goes_away_then_open_files_say_ENODEV_and_the_others_are_gone()
      throws Exception {
    try (OpenDescriptor reading = SystemCalls.open(rtmr(2), O_RDONLY);
        OpenDescriptor writing = writing(rtmr(2))) {
      kernel.tdxGuest().unload();

      assertThat(errno(() -> reading.pread(48, 0))).isEqualTo(ENODEV);
      assertThat(errno(() -> writing.write(digest(1)))).isEqualTo(ENODEV);
      assertThat(errno(() -> SystemCalls.open(rtmr(2), O_RDONLY))).isEqualTo(ENOENT);
    }
    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void sys22_when_root_extends_firmwares_registers_then_the_kernel_lets_it() throws Exception {
    assertThat(write(rtmr(0), digest(1))).isEqualTo(48);
    assertThat(write(rtmr(1), digest(1))).isEqualTo(48);
  }

  @Test
  void sys23_when_many_extend_at_once_then_each_counts_in_some_order() throws Exception {
    byte[] expected = read(rtmr(2));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Integer>> writes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] mine = digest(i);
      writes.add(threads.submit(() -> write(rtmr(2), mine)));
    }
    for (Future<Integer> write : writes) {
      assertThat(write.get()).isEqualTo(48);
    }
    threads.shutdown();

    List<byte[]> order = kernel.hardware().extended(2);
    assertThat(order).hasSize(200);
    for (byte[] each : order) {
      expected = extended(expected, each);
    }
    assertThat(read(rtmr(2))).isEqualTo(expected);
  }

  @Test
  void sys24_when_traced_then_successful_extends_show_their_digest() throws Exception {
    kernel.enableTrace();
    kernel.faults().fail(Place.EXTEND, call -> call == 2, EBUSY);
    kernel.faults().fail(Place.REFRESH, call -> call == 2, EINTR);

    byte[] value = read(rtmr(3));
    write(rtmr(3), digest(0xAB));
    assertThat(errno(() -> write(rtmr(3), digest(0xCD)))).isEqualTo(EBUSY);
    assertThat(errno(() -> read(rtmr(3)))).isEqualTo(EINTR);

    List<String> events =
        Files.readAllLines(kernel.sysfs().resolve("kernel/tracing/trace")).stream()
            .map(line -> line.substring(line.indexOf("tsm_mr_")))
            .toList();
    assertThat(events)
        .containsExactly(
            "tsm_mr_refresh: [rtmr3] succeeded:0",
            "tsm_mr_read: [rtmr3] sha384:" + HexFormat.of().formatHex(value),
            "tsm_mr_write: [rtmr3] sha384:" + "ab".repeat(48),
            "tsm_mr_refresh: [rtmr3] failed:-4");
  }

  @Test
  void sys25_when_listed_then_names_hashes_and_sizes_are_those_of_the_device() throws Exception {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> files = Files.list(kernel.measurements("tsm_mr_sample"))) {
      for (Path file : files.toList()) {
        sizes.put(file.getFileName().toString(), Files.size(file));
      }
    }

    assertThat(sizes)
        .containsExactly(
            Map.entry("config_mr", 64L),
            Map.entry("report_digest:sha512", 64L),
            Map.entry("rtmr0:sha256", 32L),
            Map.entry("rtmr1:sha384", 48L),
            Map.entry("rtmr_crypto_agile:sha256", 32L),
            Map.entry("rtmr_crypto_agile:sha384", 48L),
            Map.entry("static_mr:sha384", 48L));
  }

  @Test
  void sys25_when_the_sample_is_extended_then_its_values_are_the_computed_ones() throws Exception {
    Path sample = kernel.measurements("tsm_mr_sample");
    byte[] hello = TdxHardware.hash("SHA-256", "hello".getBytes(UTF_8));
    assertThat(new String(read(sample.resolve("rtmr1:sha384")), UTF_8)).startsWith("rtmr1\0");
    assertThat(read(sample.resolve("report_digest:sha512")))
        .startsWith(hex("106d079f9954b62443dc0595906460dba92ce1398aeeb643"));

    write(sample.resolve("rtmr_crypto_agile:sha256"), hello);

    assertThat(read(sample.resolve("rtmr0:sha256")))
        .isEqualTo(hex("c8a84d06b6b9a22b5e9766b52e889d8b2ce8eb9c53d263392d56465a4f7a0220"));
    assertThat(read(sample.resolve("report_digest:sha512")))
        .startsWith(hex("3ff455a9d297e2adc9dfb6d79104468308262c8d3a02cee3"));
    assertThat(errno(() -> SystemCalls.open(sample.resolve("rtmr0:sha256"), O_WRONLY)))
        .isEqualTo(EACCES);
  }

  @Test
  void sys26_when_mode_and_owner_are_changed_then_they_stay() throws Exception {
    SystemCalls.chmod(rtmr(3), 0660);
    int gid = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    SystemCalls.chown(rtmr(3), -1, gid);

    write(rtmr(3), digest(1));

    assertThat(mode(rtmr(3))).isEqualTo("rw-rw----");
    assertThat(Files.getAttribute(rtmr(3), "unix:gid")).isEqualTo(gid);
  }

  @Test
  void when_an_extend_fails_after_its_effect_then_the_register_has_moved() throws Exception {
    kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), EIO);

    assertThat(errno(() -> write(rtmr(2), digest(1)))).isEqualTo(EIO);

    assertThat(kernel.hardware().extended(2)).hasSize(1);
    assertThat(kernel.faults().happened()).isEqualTo(1);
  }
}
