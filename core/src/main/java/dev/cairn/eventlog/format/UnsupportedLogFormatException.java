package dev.cairn.eventlog.format;

import dev.cairn.eventlog.LogFormat;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Bytes are of a format that Cairn cannot read or write, or of none that it knows. */
public final class UnsupportedLogFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final @Nullable LogFormat format;

  private UnsupportedLogFormatException(@Nullable LogFormat format, String message) {
    super(message);
    this.format = format;
  }

  static UnsupportedLogFormatException notRead(LogFormat format) {
    return new UnsupportedLogFormatException(
        format,
        "recognised as %s, which this version does not read; it reads %s"
            .formatted(format.label(), labels(LogFormat::readable)));
  }

  static UnsupportedLogFormatException notWritten(LogFormat format) {
    return new UnsupportedLogFormatException(
        format,
        "%s is not written; choose one of %s"
            .formatted(format.label(), labels(LogFormat::writable)));
  }

  static UnsupportedLogFormatException unknown(String begin) {
    return new UnsupportedLogFormatException(
        null,
        "no known log begins with %s; tried %s. If it is one of them, name the format"
            .formatted(begin, labels(format -> true)));
  }

  private static String labels(Predicate<LogFormat> which) {
    StringBuilder labels = new StringBuilder();
    for (LogFormat format : LogFormat.values()) {
      if (which.test(format)) {
        labels.append(labels.isEmpty() ? "" : ", ").append(format.label());
      }
    }
    return labels.toString();
  }

  /** Returns the format that was recognised or asked for; nothing if the bytes are unknown. */
  public Optional<LogFormat> format() {
    return Optional.ofNullable(format);
  }
}
