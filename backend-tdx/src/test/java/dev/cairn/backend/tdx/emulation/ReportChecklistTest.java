package dev.cairn.backend.tdx.emulation;

import static dev.cairn.backend.tdx.fuse.Errno.EACCES;
import static dev.cairn.backend.tdx.fuse.Errno.EBUSY;
import static dev.cairn.backend.tdx.fuse.Errno.EFBIG;
import static dev.cairn.backend.tdx.fuse.Errno.EINVAL;
import static dev.cairn.backend.tdx.fuse.Errno.EIO;
import static dev.cairn.backend.tdx.fuse.Errno.ENOENT;
import static dev.cairn.backend.tdx.fuse.Errno.ENXIO;
import static dev.cairn.backend.tdx.fuse.Errno.EPERM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.emulation.TdxQuotes.Shape;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.SystemCalls;
import dev.cairn.backend.tdx.fuse.SystemCalls.OpenDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kernel's configfs ABI of reports, item by item, at the system calls. EFAULT for a write of no
 * bytes is missing: the kernel never passes such a write on to FUSE.
 */
class ReportChecklistTest {
  private abstract static class Given extends EmulationTest {
    final Path folder() {
      return kernel.configfs().resolve("tsm/report");
    }

    final Path made(String name) throws Exception {
      Path entry = folder().resolve(name);
      SystemCalls.mkdir(entry, 0700);
      return entry;
    }

    final String generation(Path entry) throws Exception {
      return text(entry.resolve("generation"));
    }

    final int ask(Path entry, byte[] inblob) throws Exception {
      return write(entry.resolve("inblob"), inblob);
    }

    static byte[] reportData(byte[] quote) {
      return Arrays.copyOfRange(quote, 0x238, 0x238 + 64);
    }

    final byte[] outblob(Path entry) throws Exception {
      return read(entry.resolve("outblob"));
    }
  }

  @Nested
  class GivenATdxGuest extends Given {
    @Override
    Offer[] offers() {
      return new Offer[] {Offer.SYSFS, Offer.REPORTS, Offer.DEVICE};
    }

    @Test
    void rep01_when_there_is_no_provider_then_mkdir_says_ENXIO() {
      kernel.reports().setRegistered(false);

      assertThat(errno(() -> made("a"))).isEqualTo(ENXIO);
    }

    @Test
    void rep02_when_listed_then_exactly_the_files_of_tdx_are_there() throws Exception {
      Path entry = made("a");
      List<String> names;
      try (Stream<Path> files = Files.list(entry)) {
        names = files.map(file -> file.getFileName().toString()).sorted().toList();
      }

      assertThat(names).containsExactly("generation", "inblob", "outblob", "provider");
      assertThat(errno(() -> read(entry.resolve("auxblob")))).isEqualTo(ENOENT);
      assertThat(text(entry.resolve("provider"))).isEqualTo("tdx_guest\n");
    }

    @Test
    void rep03_when_opened_the_wrong_way_then_open_says_EACCES_to_root_too() throws Exception {
      Path entry = made("a");

      assertThat(errno(() -> SystemCalls.open(entry.resolve("inblob"), 0))).isEqualTo(EACCES);
      assertThat(errno(() -> SystemCalls.open(entry.resolve("outblob"), 1))).isEqualTo(EACCES);
      assertThat(errno(() -> SystemCalls.open(entry.resolve("generation"), 2))).isEqualTo(EACCES);
    }

    @Test
    void rep04_when_new_then_the_generation_is_0_and_outblob_says_EINVAL() throws Exception {
      Path entry = made("a");

      assertThat(generation(entry)).isEqualTo("0\n");
      assertThat(errno(() -> outblob(entry))).isEqualTo(EINVAL);
    }

    @Test
    void rep05_when_inblob_is_written_then_it_counts_at_close() throws Exception {
      Path entry = made("a");
      OpenDescriptor open = SystemCalls.open(entry.resolve("inblob"), 1);
      assertThat(open.write(bytes(64, 1))).isEqualTo(64);
      assertThat(generation(entry)).isEqualTo("0\n");

      open.close();

      assertThat(generation(entry)).isEqualTo("1\n");
    }

    @Test
    void rep06_when_written_in_two_halves_then_it_is_one_commit() throws Exception {
      Path entry = made("a");
      try (OpenDescriptor open = SystemCalls.open(entry.resolve("inblob"), 1)) {
        open.write(bytes(32, 1));
        open.write(bytes(32, 2));
      }

      assertThat(generation(entry)).isEqualTo("1\n");
      byte[] both = bytes(64, 1);
      Arrays.fill(both, 32, 64, (byte) 2);
      assertThat(reportData(outblob(entry))).isEqualTo(both);
    }

    @Test
    void rep07_when_too_much_is_written_then_EFBIG_and_the_request_is_destroyed() throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));

      assertThat(errno(() -> ask(entry, bytes(65, 1)))).isEqualTo(EFBIG);

      assertThat(generation(entry)).isEqualTo("2\n");
      assertThat(errno(() -> outblob(entry))).isEqualTo(EINVAL);
    }

    @Test
    void rep08_when_opened_and_closed_then_nothing_happens() throws Exception {
      Path entry = made("a");

      SystemCalls.open(entry.resolve("inblob"), 1).close();

      assertThat(generation(entry)).isEqualTo("0\n");
    }

    @Test
    void rep09_when_the_commit_is_lost_then_nobody_says_so() throws Exception {
      Path entry = made("a");
      kernel.faults().fail(Place.INBLOB, Faults.next(1), EBUSY);

      assertThat(ask(entry, bytes(64, 1))).isEqualTo(64);

      assertThat(generation(entry)).isEqualTo("0\n");
    }

    @Test
    void rep10_when_the_request_is_too_short_then_outblob_says_EINVAL() throws Exception {
      Path entry = made("a");

      assertThat(ask(entry, bytes(63, 1))).isEqualTo(63);

      assertThat(generation(entry)).isEqualTo("1\n");
      assertThat(errno(() -> outblob(entry))).isEqualTo(EINVAL);
    }

    @Test
    void rep11_when_read_twice_then_the_report_is_made_once_and_does_not_follow_registers()
        throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));

      byte[] first = outblob(entry);
      write(kernel.measurements("tdx_guest").resolve("rtmr2:sha384"), digest(1));

      assertThat(outblob(entry)).isEqualTo(first);
      assertThat(kernel.reports().made()).isEqualTo(1);
    }

    @Test
    void rep12_when_asked_again_then_an_open_file_keeps_its_report() throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      try (OpenDescriptor open = SystemCalls.open(entry.resolve("outblob"), 0)) {
        byte[] start = open.pread(1000, 0);
        ask(entry, bytes(64, 2));

        assertThat(reportData(outblob(entry))).isEqualTo(bytes(64, 2));
        assertThat(open.pread(1000, 0)).isEqualTo(start);
        assertThat(reportData(start)).isEqualTo(bytes(64, 1));
      }
    }

    @Test
    void rep13_when_somebody_else_asks_between_then_the_generation_shows_it() throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      ask(entry, bytes(64, 2));

      assertThat(generation(entry)).isEqualTo("2\n");
    }

    @ParameterizedTest
    @EnumSource(
        value = Errno.class,
        names = {"EBUSY", "EINTR", "ETIMEDOUT", "EIO"})
    void rep14_when_the_provider_fails_then_read_says_so_and_the_next_one_tries_again(Errno errno)
        throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      kernel.faults().fail(Place.QUOTE, Faults.next(1), errno);

      assertThat(errno(() -> outblob(entry))).isEqualTo(errno);

      assertThat(outblob(entry)).hasSizeGreaterThan(1020);
      assertThat(generation(entry)).isEqualTo("1\n");
    }

    @Test
    void rep15_when_the_host_does_not_answer_then_EIO_and_then_EBUSY_until_it_does()
        throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      kernel.tdxReports().silenceHost(Duration.ofMillis(50));

      assertThat(errno(() -> outblob(entry))).isEqualTo(EIO);
      assertThat(errno(() -> outblob(entry))).isEqualTo(EBUSY);

      kernel.tdxReports().wakeHost();
      assertThat(reportData(outblob(entry))).isEqualTo(bytes(64, 1));
    }

    @Test
    void rep17_when_the_provider_is_gone_then_only_what_is_cached_is_served() throws Exception {
      Path cached = made("a");
      ask(cached, bytes(64, 1));
      byte[] quote = outblob(cached);
      Path asked = made("b");
      ask(asked, bytes(64, 1));
      kernel.reports().setRegistered(false);

      assertThat(outblob(cached)).isEqualTo(quote);
      assertThat(errno(() -> outblob(asked))).isEqualTo(ENXIO);
      assertThat(errno(() -> read(asked.resolve("provider")))).isEqualTo(ENXIO);
      assertThat(generation(asked)).isEqualTo("1\n");
      assertThat(errno(() -> made("c"))).isEqualTo(ENXIO);
      SystemCalls.rmdir(asked);
    }

    @Test
    void rep20_when_removed_then_with_its_files_and_never_file_by_file() throws Exception {
      Path entry = made("a");

      assertThat(errno(() -> SystemCalls.unlink(entry.resolve("inblob")))).isEqualTo(EPERM);
      assertThat(errno(() -> SystemCalls.mkdir(entry.resolve("b"), 0755))).isEqualTo(EPERM);
      assertThat(errno(() -> SystemCalls.rmdir(folder()))).isEqualTo(EPERM);
      SystemCalls.rmdir(entry);

      assertThat(entry).doesNotExist();
    }

    @Test
    void rep21_when_removed_with_files_open_then_reads_say_ENOENT_and_inblob_is_dropped()
        throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      OpenDescriptor loaded = SystemCalls.open(entry.resolve("outblob"), 0);
      byte[] start = loaded.pread(100, 0);
      OpenDescriptor fresh = SystemCalls.open(entry.resolve("outblob"), 0);
      OpenDescriptor inblob = SystemCalls.open(entry.resolve("inblob"), 1);
      OpenDescriptor generation = SystemCalls.open(entry.resolve("generation"), 0);

      SystemCalls.rmdir(entry);

      assertThat(errno(() -> fresh.read(100))).isEqualTo(ENOENT);
      assertThat(errno(() -> generation.read(100))).isEqualTo(ENOENT);
      assertThat(inblob.write(bytes(64, 2))).isEqualTo(64);
      inblob.close();
      assertThat(loaded.pread(100, 0)).isEqualTo(start);
      for (OpenDescriptor open : List.of(loaded, fresh, generation)) {
        open.close();
      }
    }

    @ParameterizedTest
    @CsvSource({
      "V4, 4, 0x0B8, 0x178, 0x238, 0x278",
      "V5_TD_1_0, 5, 0x0BE, 0x17E, 0x23E, 0x27E",
      "V5_TD_1_5, 5, 0x0BE, 0x17E, 0x23E, 0x2BE"
    })
    void rep22_when_quoted_then_everything_is_at_its_offset(
        Shape shape, int version, String mrtd, String rtmr, String data, String signature)
        throws Exception {
      kernel.tdxReports().setShape(shape, 100);
      Path entry = made("a");
      ask(entry, bytes(64, 9));

      byte[] quote = outblob(entry);

      assertThat(quote[0]).isEqualTo((byte) version);
      assertThat(part(quote, mrtd, 48))
          .isEqualTo(read(kernel.measurements("tdx_guest").resolve("mrtd:sha384")));
      for (int i = 0; i < 4; i++) {
        int at = Integer.decode(rtmr) + i * 48;
        assertThat(Arrays.copyOfRange(quote, at, at + 48)).isEqualTo(kernel.hardware().rtmr(i));
      }
      assertThat(part(quote, data, 64)).isEqualTo(bytes(64, 9));
      int size = Integer.decode(signature);
      int length = (quote[size] & 0xFF) | (quote[size + 1] & 0xFF) << 8;
      assertThat(quote).hasSize(size + 4 + length + 100);
    }

    private static byte[] part(byte[] quote, String at, int length) {
      int from = Integer.decode(at);
      return Arrays.copyOfRange(quote, from, from + length);
    }

    @Test
    void when_the_device_is_asked_for_a_report_then_it_has_report_data_and_registers()
        throws Exception {
      byte[] argument = Arrays.copyOf(bytes(64, 5), 64 + 1024);
      try (OpenDescriptor device = SystemCalls.open(kernel.guestDevice(), 0)) {
        byte[] answer = device.ioctl(0xC4405401L, argument);

        assertThat(Arrays.copyOfRange(answer, 64 + 128, 64 + 192)).isEqualTo(bytes(64, 5));
        assertThat(Arrays.copyOfRange(answer, 64 + 720, 64 + 768))
            .isEqualTo(kernel.hardware().rtmr(0));
        assertThat(errno(() -> device.ioctl(0xC4405402L, argument))).isEqualTo(Errno.ENOTTY);
        kernel.faults().fail(Place.REFRESH, Faults.next(1), EBUSY);
        assertThat(errno(() -> device.ioctl(0xC4405401L, argument))).isEqualTo(EBUSY);
      }
    }
  }

  @Nested
  class GivenAProviderWithAllAttributes extends Given {
    @Override
    Offer[] offers() {
      return new Offer[] {Offer.SEV_REPORTS};
    }

    @Test
    void rep16_when_a_blob_is_too_long_or_empty_then_EFBIG_or_no_bytes() throws Exception {
      Path entry = made("a");
      ask(entry, bytes(64, 1));
      kernel.reports().setMostBytes(32 * 1024);
      kernel.sevReports().setOutblob(32 * 1024 + 1);

      assertThat(errno(() -> outblob(entry))).isEqualTo(EFBIG);
      assertThat(read(entry.resolve("auxblob"))).isEmpty();
    }

    @Test
    void rep18_when_a_privilege_level_is_written_then_only_those_from_the_floor_to_3()
        throws Exception {
      Path entry = made("a");
      Path level = entry.resolve("privlevel");

      assertThat(errno(() -> write(level, "4"))).isEqualTo(EINVAL);
      assertThat(errno(() -> write(level, "0"))).isEqualTo(EINVAL);
      assertThat(errno(() -> write(level, "one"))).isEqualTo(EINVAL);
      assertThat(write(level, "0x1")).isEqualTo(3);

      assertThat(generation(entry)).isEqualTo("1\n");
      assertThat(text(entry.resolve("privlevel_floor"))).isEqualTo("1\n");
    }

    @Test
    void rep19_when_a_bad_guid_is_written_then_EINVAL_but_the_generation_moves_on()
        throws Exception {
      Path entry = made("a");
      assertThat(write(entry.resolve("service_guid"), "00000001-0002-0003-0004-000000000005"))
          .isEqualTo(36);

      assertThat(errno(() -> write(entry.resolve("service_guid"), "nonsense"))).isEqualTo(EINVAL);

      assertThat(generation(entry)).isEqualTo("2\n");
      assertThat(kernel.reports().serviceGuid("a").getMostSignificantBits()).isZero();
    }
  }
}
