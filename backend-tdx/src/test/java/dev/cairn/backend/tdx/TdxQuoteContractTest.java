package dev.cairn.backend.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.evidence.Trust;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.QuoteContract;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What every source of quotes shows, on an emulated kernel. */
class TdxQuoteContractTest extends QuoteContract {
  private @Nullable EmulatedKernel kernel;

  @TempDir Path point;

  @Override
  protected MeasurementBackend open() throws Exception {
    kernel = EmulatedKernel.start(point, Offer.SYSFS, Offer.REPORTS);
    return Opened.on(kernel);
  }

  @Override
  protected Trust trust() {
    return new Trust(
        List.of(Objects.requireNonNull(kernel).tdxReports().rootCertificate()), Clock.systemUTC());
  }

  @Override
  protected RegisterId extendable() {
    return RegisterId.rtmr(2);
  }

  @Override
  protected RegisterId unknown() {
    return RegisterId.pcr(0);
  }

  @AfterEach
  void stop() throws Exception {
    backend.close();
    EmulatedKernel emulated = Objects.requireNonNull(kernel);
    assertThat(emulated.openFiles()).as("open files").isZero();
    emulated.close();
  }
}
