package dev.cairn.emulator;

import dev.cairn.measure.ForeignLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that plays the log of the firmware below the emulator; it may be missing. */
record PretendedLog(Path file) implements ForeignLog {
  @Override
  public Origin origin() {
    return Origin.FIRMWARE;
  }

  @Override
  public String location() {
    return file.toString();
  }

  @Override
  public String format() {
    return "tcg2";
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(file);
  }
}
