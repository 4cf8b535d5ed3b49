package dev.cairn.backend.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tdx.emulation.EmulatedKernel;
import dev.cairn.backend.tdx.emulation.EmulatedKernel.Offer;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.BackendContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** What every backend shows, by each interface that extends. */
class TdxBackendTest {
  private abstract static class Contract extends BackendContract {
    private final Offer offer;
    private @Nullable EmulatedKernel kernel;

    @TempDir Path point;

    Contract(Offer offer) {
      this.offer = offer;
    }

    @Override
    protected MeasurementBackend open() throws Exception {
      if (kernel == null) {
        kernel = EmulatedKernel.start(point, offer);
      }
      return Opened.on(kernel);
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
      if (kernel != null) {
        assertThat(kernel.openFiles()).as("open files").isZero();
        kernel.close();
      }
    }
  }

  @Nested
  class GivenSysfs extends Contract {
    GivenSysfs() {
      super(Offer.SYSFS);
    }
  }

  @Nested
  class GivenTheRfcConfigfs extends Contract {
    GivenTheRfcConfigfs() {
      super(Offer.RTMRS);
    }
  }
}
