package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs commands in this process and keeps what they print. */
final class TestConsole {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private byte[] in = new byte[0];

  /** Sets what standard input holds. */
  TestConsole withInput(byte[] bytes) {
    in = bytes.clone();
    return this;
  }

  /** Runs {@code cairn args…} and returns its exit status. */
  int run(String... args) {
    return Main.run(
        new Console(
            new ByteArrayInputStream(in), out, new PrintStream(err, true, UTF_8), false, false),
        args);
  }

  String out() {
    return out.toString(UTF_8);
  }

  byte[] outBytes() {
    return out.toByteArray();
  }

  /** Returns what was printed as one JSON object. */
  Map<String, @Nullable Object> json() throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    ((Map<?, ?>) requireNonNull(Json.read(outBytes())))
        .forEach((name, value) -> members.put(name.toString(), value));
    return members;
  }

  String err() {
    return err.toString(UTF_8);
  }
}
