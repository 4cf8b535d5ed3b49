package dev.cairn.backend.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.cel.CelTlv;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendProvider;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.ForeignLog;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.Quote;
import dev.cairn.measure.QuoteRequest;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.Vectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TdxProviderTest {
  @TempDir Path point;

  private static List<String> names(List<RegisterDescriptor> registers) {
    return registers.stream().map(register -> register.id().name()).toList();
  }

  private static List<String> owned(MeasurementBackend backend) {
    return names(backend.registers().stream().filter(r -> r.notExtendable().isEmpty()).toList());
  }

  @Test
  void when_backends_are_looked_up_then_this_one_is_among_them() {
    assertThat(ServiceLoader.load(BackendProvider.class).stream().map(p -> p.get().name()))
        .contains("tdx");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour         | red          | setting 'colour': has only",
        "tdx.interface  | ioctl        | needs one of [sysfs, configfs, tdreport]",
        "registers      | rtmr2,rtmr9  | 'rtmr9' names no register",
        "registers      | rtmr2,rtmr2  | rtmr2 is there twice",
        "registers      | rtmr2,pcr14  | there is no pcr14; there are [mrtd, rtmr0",
        "registers      | mrtd         | fixed when the virtual machine was built",
        "tdx.provider   | other        | no device 'other' with measurement registers",
        "sysfs-root     | ''           | setting 'sysfs-root': is empty",
        "tdx.trace      | a/b          | setting 'tdx.trace': 'a/b': needs the name of a trace instance",
        "boot-id        | /none        | /none: cannot be read",
      })
  void when_a_setting_is_unusable_then_it_is_named_with_the_remedy(
      String key, String value, String message) throws Exception {
    try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS)) {
      assertThatThrownBy(() -> Opened.on(kernel, key, value))
          .isInstanceOfSatisfying(
              BackendException.class,
              e -> assertThat(e.outcome()).isEqualTo(BackendException.Outcome.NOT_EXECUTED))
          .hasMessageContaining(message);
      assertThat(kernel.openFiles()).isZero();
    }
  }

  @Nested
  class GivenNoInterface {
    @Test
    void when_opened_then_each_is_named_with_the_way_to_get_it() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point)) {
        assertThatThrownBy(() -> Opened.on(kernel))
            .hasMessageContaining("sysfs: " + kernel.sysfs())
            .hasMessageContaining("Linux 6.16")
            .hasMessageContaining("configfs: " + kernel.configfs())
            .hasMessageContaining("tdreport: " + kernel.guestDevice())
            .hasMessageContaining("modprobe tdx_guest");
        assertThatThrownBy(() -> Opened.on(kernel, "tdx.interface", "configfs"))
            .hasMessageContaining("tsm/rtmrs: not there");
        assertThatThrownBy(() -> Opened.on(kernel, "tdx.interface", "tdreport"))
            .hasMessageContaining("tdx_guest: not there");
      }
    }
  }

  @Nested
  class GivenAllInterfaces {
    @ParameterizedTest
    @CsvSource({"sysfs,sysfs", "configfs,configfs (RFC)", "tdreport,TDREPORT (read-only)"})
    void when_one_is_named_then_it_is_used(String name, String shown) throws Exception {
      try (EmulatedKernel kernel = all();
          MeasurementBackend backend = Opened.on(kernel, "tdx.interface", name)) {
        assertThat(backend.description()).startsWith("TDX registers by " + shown);
        assertThat(backend.read(RegisterId.rtmr(0)).at(0).value().toArray())
            .isEqualTo(kernel.hardware().rtmr(0));
      }
    }

    @Test
    void when_none_is_named_then_sysfs_is_used() throws Exception {
      try (EmulatedKernel kernel = all();
          MeasurementBackend backend = Opened.on(kernel)) {
        assertThat(backend.description())
            .startsWith("TDX registers by sysfs, " + kernel.sysfs())
            .endsWith("; extends rtmr2, rtmr3");
        assertThat(names(backend.registers()))
            .containsExactly("mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3");
        assertThat(owned(backend)).containsExactly("rtmr2", "rtmr3");
      }
    }

    @Test
    void when_registers_are_named_then_only_those_are_extended() throws Exception {
      try (EmulatedKernel kernel = all()) {
        try (MeasurementBackend backend = Opened.on(kernel, "registers", "rtmr3, rtmr1")) {
          assertThat(owned(backend)).containsExactly("rtmr1", "rtmr3");
        }
        try (MeasurementBackend backend = Opened.on(kernel, "registers", "none")) {
          assertThat(owned(backend)).isEmpty();
          assertThat(backend.description()).endsWith("; extends none");
        }
      }
    }

    @Test
    void when_interface_and_provider_contradict_then_refused() throws Exception {
      try (EmulatedKernel kernel = all()) {
        assertThatThrownBy(
                () ->
                    Opened.on(kernel, "tdx.interface", "configfs", "tdx.provider", "tsm_mr_sample"))
            .hasMessageContaining("leave one out");
      }
    }

    private EmulatedKernel all() throws Exception {
      return EmulatedKernel.start(point, Offer.SYSFS, Offer.RTMRS, Offer.DEVICE);
    }
  }

  @Nested
  class GivenOnlyTheReport {
    @Test
    void when_opened_then_registers_are_shown_and_none_is_extended() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.DEVICE);
          MeasurementBackend backend = Opened.on(kernel)) {
        assertThat(names(backend.registers()))
            .containsExactly("mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3");
        assertThat(owned(backend)).isEmpty();
        kernel.hardware().extendByOthers(2, new byte[48]);
        kernel.faults().fail(Place.REFRESH, Faults.next(2), Errno.EBUSY);
        assertThat(backend.read(RegisterId.rtmr(2)).at(0).value().toArray())
            .isEqualTo(kernel.hardware().rtmr(2));
      }
    }

    @Test
    void when_a_register_is_to_be_extended_then_refused_with_the_remedy() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.DEVICE)) {
        assertThatThrownBy(() -> Opened.on(kernel, "registers", "rtmr2"))
            .hasMessageContaining("rtmr2: read-only")
            .hasMessageContaining("Linux 6.16");
      }
    }
  }

  @Nested
  class GivenAnotherDriver {
    @Test
    void when_it_is_the_only_one_then_it_is_used_with_one_bank_of_each_register() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SAMPLE);
          MeasurementBackend backend = Opened.on(kernel, "registers", "rtmr1")) {
        assertThat(backend.registers().stream().map(r -> r.id() + " " + r.banks()))
            .containsExactly("rtmr0 [SHA256]", "rtmr1 [SHA384]");
        assertThat(backend.registers().get(0).notExtendable().orElseThrow())
            .contains("no write permission");
        assertThat(owned(backend)).containsExactly("rtmr1");
        assertThat(backend.read(RegisterId.rtmr(1)).at(0).value().toHex())
            .startsWith("72746d7231000000"); // "rtmr1", and not zeros
      }
    }

    @Test
    void when_it_is_beside_that_of_tdx_then_it_has_to_be_named() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.SAMPLE)) {
        try (MeasurementBackend backend = Opened.on(kernel)) {
          assertThat(backend.description()).contains("/tdx_guest/");
        }
        try (MeasurementBackend backend =
            Opened.on(kernel, "tdx.provider", "tsm_mr_sample", "registers", "rtmr1")) {
          assertThat(backend.description()).contains("/tsm_mr_sample/");
        }
      }
    }
  }

  @Nested
  class GivenAMachineThatIsStartedAnew {
    @Test
    void when_asked_for_its_life_then_the_boot_id_tells() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS);
          MeasurementBackend backend = Opened.on(kernel)) {
        var before = backend.life();
        assertThat(before.resetCount()).isEmpty();

        kernel.kexec();

        assertThat(backend.life().bootId()).isNotEqualTo(before.bootId()).hasSize(36);
      }
    }
  }

  @Nested
  class GivenLogsOfOthers {
    @Test
    void when_listed_then_each_has_its_place_and_opens_where_it_is_there() throws Exception {
      byte[] ccel = Vectors.bytes("ccel/goel_cos-113-intel-tdx.bin");
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS);
          MeasurementBackend backend = Opened.on(kernel)) {
        kernel.putFirmwareLog(ccel);

        List<ForeignLog> logs = backend.foreignLogs();

        assertThat(logs.stream().map(log -> log.origin() + " " + log.format()))
            .containsExactly("FIRMWARE tcg2", "IMA ima", "SYSTEMD systemd", "KERNEL_TRACE cel-tlv");
        assertThat(logs.get(0).location())
            .isEqualTo(kernel.sysfs() + "/firmware/acpi/tables/data/CCEL");
        assertThat(logs.get(0).open().readAllBytes()).isEqualTo(ccel);
        assertThatThrownBy(logs.get(1)::open).isInstanceOf(NoSuchFileException.class);
      }
    }

    @Test
    void when_cairn_and_another_extend_then_the_kernels_trace_has_the_others() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS);
          MeasurementBackend backend = Opened.on(kernel)) {
        backend.extend(RegisterId.rtmr(2), TdxFixture.digest("ours"));
        byte[] theirs = TdxFixture.digest("theirs").at(0).value().toArray();
        Path rtmr2 = kernel.measurements("tdx_guest").resolve("rtmr2:sha384");
        CompletableFuture.runAsync(() -> write(rtmr2, theirs)).get();
        backend.extend(RegisterId.rtmr(2), TdxFixture.digest("ours again"));

        ForeignLog trace = backend.foreignLogs().get(3);
        try (EventReader records = CelTlv.reader(trace.open(), Limits.DEFAULT)) {
          EventRecord record = Objects.requireNonNull(records.next());
          assertThat(record.digests()).isEqualTo(TdxFixture.digest("theirs"));
          assertThat(records.next()).isNull();
        }
      }
    }

    @Test
    void when_no_trace_is_wanted_or_there_can_be_none_then_there_is_no_such_log() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.RTMRS);
          MeasurementBackend unwanted = Opened.on(kernel, "tdx.trace", "none");
          MeasurementBackend rfc = Opened.on(kernel, "tdx.interface", "configfs")) {
        assertThat(unwanted.foreignLogs()).hasSize(3);
        assertThat(rfc.foreignLogs()).hasSize(3);
      }
    }

    private static void write(Path register, byte[] digest) {
      try {
        Files.write(register, digest, StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Nested
  class GivenReports {
    @Test
    void when_a_quote_is_taken_then_it_is_of_the_registers_that_are_extended() throws Exception {
      try (EmulatedKernel kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.REPORTS);
          MeasurementBackend backend = Opened.on(kernel)) {
        backend.extend(TdxFixture.RTMR2, TdxFixture.digest("first"));

        Quote quote = backend.quotes().orElseThrow().quote(QuoteRequest.of(Bytes.EMPTY));

        for (RegisterDescriptor register : backend.registers()) {
          if (quote.values().containsKey(register.id())) {
            assertThat(quote.values()).containsEntry(register.id(), backend.read(register.id()));
          }
        }
        assertThat(quote.values()).hasSize(5);
      }
    }
  }

  @Test
  void when_settings_are_empty_then_the_paths_are_those_of_every_distribution() throws Exception {
    TdxSettings settings = TdxSettings.of(Map.of());

    assertThat(settings.paths().sysfs()).isEqualTo(Path.of("/sys"));
    assertThat(settings.paths().configfs()).isEqualTo(Path.of("/sys/kernel/config"));
    assertThat(settings.paths().guestDevice()).isEqualTo(Path.of("/dev/tdx_guest"));
    assertThat(settings.bootId()).isEqualTo(Path.of("/proc/sys/kernel/random/boot_id"));
  }
}
