package dev.cairn.backend.tdx;

import static dev.cairn.measure.BackendException.Outcome.NOT_EXECUTED;
import static dev.cairn.measure.BackendException.Outcome.UNKNOWN;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.SystemCalls;
import dev.cairn.backend.tdx.fuse.SystemCalls.OpenDescriptor;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the backend makes of an interface that never says whether an extend happened. */
class ConfigfsFaultTest extends TdxFixture {
  private static final int O_WRONLY = 1;

  @Override
  Offer[] offers() {
    return new Offer[] {Offer.RTMRS};
  }

  private Path rtmrs() {
    return kernel.configfs().resolve("tsm/rtmrs");
  }

  private List<String> entries() throws Exception {
    try (Stream<Path> entries = Files.list(rtmrs())) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static void write(Path file, String text) throws Exception {
    try (OpenDescriptor open = SystemCalls.open(file, O_WRONLY)) {
      open.write(text.getBytes(US_ASCII));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EBUSY", "EINTR", "EIO", "ENXIO"})
  void given_extends_lost_at_close_when_extending_then_it_happens_once(Errno errno)
      throws Exception {
    kernel.faults().fail(Place.EXTEND, Faults.next(3), errno);

    backend.extend(RTMR2, digest("one"));
    backend.extend(RTMR2, digest("two"));

    assertThat(kernel.hardware().extended(2)).hasSize(2);
    assertThat(rtmr(2)).isEqualTo(backend.read(RTMR2));
    assertThat(kernel.faults().happened()).isEqualTo(3);
  }

  @Test
  void given_an_extend_that_happens_though_the_provider_fails_when_extending_then_it_counts_once()
      throws Exception {
    kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), Errno.EIO);

    backend.extend(RTMR2, digest("one"));

    assertThat(kernel.hardware().extended(2)).hasSize(1);
  }

  @Test
  void given_extends_that_are_always_lost_when_extending_then_not_executed() throws Exception {
    DigestSet before = backend.read(RTMR2);
    kernel.faults().fail(Place.EXTEND, Faults.every(1), Errno.EBUSY);

    BackendException failure = failure("one");

    assertThat(failure.outcome()).isEqualTo(NOT_EXECUTED);
    assertThat(failure).hasMessageContaining("written 9 times");
    kernel.faults().clear();
    assertThat(backend.read(RTMR2)).isEqualTo(before);
    backend.extend(RTMR2, digest("two"));
    assertThat(backend.read(RTMR2)).isEqualTo(extended(before, "two"));
  }

  @Test
  void given_a_value_that_cannot_be_read_after_the_extend_when_extending_then_unknown()
      throws Exception {
    backend.extend(RTMR2, digest("one"));
    kernel.faults().fail(Place.REFRESH, Faults.every(1), Errno.EIO);

    assertThat(failure("two").outcome()).isEqualTo(UNKNOWN);

    kernel.faults().clear();
    assertThat(backend.read(RTMR2)).isEqualTo(rtmr(2));
    assertThat(kernel.hardware().extended(2)).hasSize(2);
  }

  @Test
  void given_a_value_that_cannot_be_read_before_the_extend_when_extending_then_not_executed()
      throws Exception {
    kernel.faults().fail(Place.REFRESH, Faults.every(1), Errno.EIO);

    assertThat(failure("one").outcome()).isEqualTo(NOT_EXECUTED);

    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void given_somebody_else_who_extends_between_when_extending_then_unknown() throws Exception {
    backend.extend(RTMR2, digest("one"));
    kernel.hardware().extendByOthers(2, new byte[48]);

    BackendException failure = failure("two");

    assertThat(failure.outcome()).isEqualTo(UNKNOWN);
    assertThat(failure).hasMessageContaining("somebody else");
    assertThat(kernel.hardware().extended(2)).hasSize(2);
    backend.extend(RTMR2, digest("three"));
    assertThat(backend.read(RTMR2)).isEqualTo(rtmr(2));
  }

  @Test
  void given_no_entries_when_opened_then_each_register_gets_one_that_stays() throws Exception {
    assertThat(entries())
        .containsExactly("cairn-rtmr0", "cairn-rtmr1", "cairn-rtmr2", "cairn-rtmr3");

    backend.close();

    assertThat(entries()).hasSize(4);
  }

  @Test
  void given_entries_of_others_when_opened_then_they_are_used() throws Exception {
    kernel.kexec(); // configfs is empty again
    SystemCalls.mkdir(rtmrs().resolve("rtmr2-0123456789"), 0755);
    write(rtmrs().resolve("rtmr2-0123456789/index"), "0x2\n");
    SystemCalls.mkdir(rtmrs().resolve("unbound"), 0755);

    try (MeasurementBackend other = Opened.on(kernel)) {
      other.extend(RTMR2, digest("one"));
    }

    assertThat(entries())
        .containsExactly(
            "cairn-rtmr0", "cairn-rtmr1", "cairn-rtmr3", "rtmr2-0123456789", "unbound");
    assertThat(kernel.hardware().extended(2)).hasSize(1);
  }

  @Test
  void given_an_unbound_entry_of_ours_when_opened_then_it_is_bound() throws Exception {
    kernel.kexec();
    SystemCalls.mkdir(rtmrs().resolve("cairn-rtmr2"), 0755);

    Opened.on(kernel).close();

    assertThat(entries()).hasSize(4);
    assertThat(Files.readString(rtmrs().resolve("cairn-rtmr2/index"))).isEqualTo("2\n");
  }

  @Test
  void given_somebody_who_binds_faster_when_opened_then_their_entry_is_used() throws Exception {
    kernel.kexec();
    kernel.rtmrs().bindForOthersFirst(2);

    try (MeasurementBackend other = Opened.on(kernel)) {
      other.extend(RTMR2, digest("one"));
    }

    assertThat(entries()).contains("somebody-elses");
    assertThat(kernel.hardware().extended(2)).hasSize(1);
  }

  @Test
  void given_a_bound_entry_that_was_removed_when_opened_then_refused_with_the_reason()
      throws Exception {
    SystemCalls.rmdir(rtmrs().resolve("cairn-rtmr2"));

    assertThatThrownBy(() -> Opened.on(kernel))
        .hasMessageContaining("RTMR 2 cannot be bound")
        .hasMessageContaining("only a reboot frees it");
    assertThat(entries()).containsExactly("cairn-rtmr0", "cairn-rtmr1", "cairn-rtmr3");
  }

  @Test
  void given_a_bound_entry_that_was_removed_when_extending_then_not_executed() throws Exception {
    SystemCalls.rmdir(rtmrs().resolve("cairn-rtmr2"));

    assertThat(failure("one").outcome()).isEqualTo(NOT_EXECUTED);
  }
}
