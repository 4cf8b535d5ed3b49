package dev.cairn.backend.tpm;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.BackendException.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The kernel's identity of this boot; kexec changes it and keeps the registers. */
final class BootId {
  private static final int MOST_CHARACTERS = 64; // a UUID has 36

  private BootId() {}

  /**
   * Reads it from {@code file}.
   *
   * @throws BackendException if it cannot be read or is none
   */
  static String read(Path file) throws BackendException {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw refusal(file + ": cannot be read", e);
    }
    if (text.isEmpty() || text.length() > MOST_CHARACTERS) {
      throw refusal(
          "%s: %d characters, needs 1 to %d".formatted(file, text.length(), MOST_CHARACTERS), null);
    }
    return text;
  }

  private static BackendException refusal(String detail, @Nullable IOException cause) {
    return new BackendException(null, Outcome.NOT_EXECUTED, "boot id", detail, cause);
  }
}
