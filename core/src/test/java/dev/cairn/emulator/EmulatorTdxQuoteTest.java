package dev.cairn.emulator;

import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.QuoteContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class EmulatorTdxQuoteTest extends QuoteContract {
  @TempDir Path directory;

  @Override
  protected MeasurementBackend open() throws Exception {
    return EmulatorBackend.open(EmulatorProfile.TDX, directory.resolve("registers"));
  }

  @Override
  protected RegisterId extendable() {
    return RegisterId.rtmr(2);
  }

  @Override
  protected RegisterId unknown() {
    return RegisterId.pcr(0);
  }
}
