package dev.cairn.emulator;

import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.QuoteContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class EmulatorTpmQuoteTest extends QuoteContract {
  @TempDir Path directory;

  @Override
  protected MeasurementBackend open() throws Exception {
    return EmulatorBackend.open(EmulatorProfile.TPM, directory.resolve("registers"));
  }

  @Override
  protected RegisterId extendable() {
    return RegisterId.pcr(14);
  }

  @Override
  protected RegisterId unknown() {
    return RegisterId.rtmr(0);
  }
}
