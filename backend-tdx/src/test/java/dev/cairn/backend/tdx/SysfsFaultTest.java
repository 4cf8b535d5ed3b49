package dev.cairn.backend.tdx;

import static dev.cairn.measure.BackendException.Outcome.NOT_EXECUTED;
import static dev.cairn.measure.BackendException.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.backend.tdx.emulation.Faults;
import dev.cairn.backend.tdx.emulation.Faults.Place;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.measure.BackendException;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the backend makes of the errors of sysfs. */
class SysfsFaultTest extends TdxFixture {
  @Override
  Offer[] offers() {
    return new Offer[] {Offer.SYSFS, Offer.DEVICE}; // the driver has both
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EBUSY", "EINTR"})
  void given_hardware_busy_for_a_moment_when_extending_then_it_happens_once(Errno errno)
      throws Exception {
    kernel.faults().fail(Place.EXTEND, Faults.next(5), errno);

    backend.extend(RTMR2, digest("one"));

    assertThat(rtmr(2)).isEqualTo(extended(backend.registers().get(3).resetValue(), "one"));
    assertThat(kernel.faults().happened()).isEqualTo(5);
  }

  @Test
  void given_hardware_busy_for_long_when_extending_then_not_executed() throws Exception {
    kernel.faults().fail(Place.EXTEND, Faults.every(1), Errno.EBUSY);

    BackendException failure = failure("one");

    assertThat(failure.outcome()).isEqualTo(NOT_EXECUTED);
    assertThat(failure.register()).contains(RTMR2);
    assertThat(failure).hasMessageContaining("13 attempts").hasMessageContaining("EBUSY");
    assertThat(kernel.hardware().extended(2)).isEmpty();
  }

  @Test
  void given_an_operand_that_the_module_refuses_when_extending_then_not_executed_at_once()
      throws Exception {
    kernel.faults().fail(Place.EXTEND, Faults.every(1), Errno.ENXIO);

    assertThat(failure("one").outcome()).isEqualTo(NOT_EXECUTED);

    assertThat(kernel.faults().happened()).isEqualTo(1);
  }

  @Test
  void given_EIO_when_extending_then_unknown_whether_it_happened_or_not() throws Exception {
    kernel.faults().fail(Place.EXTEND, call -> call == 1, Errno.EIO);
    kernel.faults().failAfterwards(Place.EXTEND, call -> call == 2, Errno.EIO);

    assertThat(failure("one").outcome()).isEqualTo(UNKNOWN);
    assertThat(kernel.hardware().extended(2)).isEmpty();
    assertThat(failure("two").outcome()).isEqualTo(UNKNOWN);
    assertThat(kernel.hardware().extended(2)).hasSize(1);
  }

  @Test
  void given_EIO_after_an_extend_that_happened_when_reading_then_the_new_value_comes()
      throws Exception {
    backend.extend(RTMR2, digest("one"));
    DigestSet before = backend.read(RTMR2); // which the kernel keeps
    kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), Errno.EIO);
    assertThat(failure("two").outcome()).isEqualTo(UNKNOWN);

    assertThat(backend.read(RTMR2)).isEqualTo(rtmr(2)).isEqualTo(extended(before, "two"));
  }

  @Test
  void given_EIO_and_no_TDREPORT_when_reading_then_refused_until_an_extend_of_the_device_succeeds()
      throws Exception {
    try (MeasurementBackend without = Opened.on(kernel, "tdx.device", "/dev/none")) {
      without.extend(RTMR2, digest("one"));
      without.read(RTMR2);
      kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), Errno.EIO);
      assertThatThrownBy(() -> without.extend(RTMR2, digest("two")))
          .hasMessageContaining("the driver does not say what it did");

      assertThatThrownBy(() -> without.read(RTMR2))
          .hasMessageContaining("nobody knows whether it happened")
          .hasMessageContaining("'tdx.device'");
      assertThat(without.read(RTMR0)).isEqualTo(rtmr(0));

      without.extend(RTMR3, digest("three"));
      assertThat(without.read(RTMR2)).isEqualTo(rtmr(2));
    }
  }

  @Test
  void given_values_that_the_kernel_kept_before_a_failure_when_started_then_the_new_one_comes()
      throws Exception {
    backend.extend(RTMR2, digest("one"));
    backend.read(RTMR2);
    kernel.faults().failAfterwards(Place.EXTEND, Faults.next(1), Errno.EIO);
    assertThat(failure("two").outcome()).isEqualTo(UNKNOWN);

    try (MeasurementBackend next = Opened.on(kernel)) {
      assertThat(next.read(RTMR2)).isEqualTo(rtmr(2));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EBUSY", "EINTR"})
  void given_hardware_busy_for_a_moment_when_reading_then_the_value_comes(Errno errno)
      throws Exception {
    kernel.faults().fail(Place.REFRESH, Faults.next(5), errno);

    assertThat(backend.read(RTMR0)).isEqualTo(rtmr(0));
    assertThat(kernel.faults().happened()).isEqualTo(5);
  }

  @Test
  void given_hardware_that_fails_when_reading_then_the_cause_is_named() {
    kernel.faults().fail(Place.REFRESH, Faults.next(1), Errno.ENXIO);

    assertThatThrownBy(() -> backend.read(RTMR2))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("rtmr2: read")
        .hasMessageContaining("ENXIO");
  }

  @Test
  void given_somebody_else_who_extends_by_the_same_interface_when_reading_then_it_shows()
      throws Exception {
    backend.extend(RTMR2, digest("one"));
    try (MeasurementBackend other = Opened.on(kernel)) {
      other.extend(RTMR2, digest("other"));
    }

    assertThat(backend.read(RTMR2)).isEqualTo(rtmr(2));
    assertThat(kernel.hardware().extended(2)).hasSize(2);
  }

  @Test
  void given_a_driver_that_is_loaded_again_when_used_then_its_files_are_opened_anew()
      throws Exception {
    backend.extend(RTMR2, digest("one"));
    kernel.tdxGuest().unload();
    assertThat(failure("two").outcome()).isEqualTo(NOT_EXECUTED);
    assertThatThrownBy(() -> backend.read(RTMR2)).hasMessageContaining("ENOENT");

    kernel.tdxGuest().load();
    backend.extend(RTMR2, digest("three"));

    assertThat(backend.read(RTMR2)).isEqualTo(rtmr(2));
    assertThat(kernel.hardware().extended(2)).hasSize(2);
  }

  @Test
  void given_a_register_made_read_only_when_opened_then_refused_with_the_remedy() throws Exception {
    kernel.tdxGuest().setPermissions("rtmr3:sha384", 0444);

    assertThatThrownBy(() -> Opened.on(kernel))
        .hasMessageContaining("'registers': rtmr3: read-only")
        .hasMessageContaining("no write permission");
  }

  @Test
  void given_a_register_of_somebody_else_when_opened_then_refused_with_the_remedy()
      throws Exception {
    kernel.tdxGuest().setPermissions("rtmr3:sha384", 0020);

    assertThatThrownBy(() -> Opened.on(kernel))
        .hasMessageContaining("rtmr3: open for extending")
        .hasMessageContaining("EACCES")
        .hasMessageContaining("udev");
    try (MeasurementBackend without = Opened.on(kernel, "registers", "rtmr2")) {
      without.extend(RTMR2, digest("one"));
      assertThatThrownBy(() -> without.extend(RTMR3, digest("one")))
          .hasMessageContaining("not Cairn's");
    }
  }

  @Test
  void given_the_firmwares_registers_when_extended_then_refused_unless_they_are_named()
      throws Exception {
    assertThatThrownBy(() -> backend.extend(RTMR0, digest("one")))
        .isInstanceOfSatisfying(
            BackendException.class, e -> assertThat(e.outcome()).isEqualTo(NOT_EXECUTED))
        .hasMessageContaining("firmware");
    assertThat(kernel.hardware().extended(0)).isEmpty();

    try (MeasurementBackend all = Opened.on(kernel, "registers", "rtmr0, rtmr1")) {
      all.extend(RTMR0, digest("one"));
      all.extend(RegisterId.rtmr(1), digest("one"));
    }
    assertThat(kernel.hardware().extended(0)).hasSize(1);
  }
}
