package dev.cairn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Where commands read and print: the streams of the process, or those of a test. Output is bytes
 * first, because logs go there too; unlike {@link System#out} it does not swallow errors.
 */
final class Console {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;

  Console(
      InputStream in,
      OutputStream out,
      PrintStream err,
      boolean outIsTerminal,
      boolean errIsTerminal) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
  }

  /**
   * Returns the console of this process. The start script tells which streams are terminals in
   * {@code cairn.terminal}, e.g. {@code 1,2}: Java knows it of all of them together only.
   */
  static Console ofProcess() {
    String terminals = System.getProperty("cairn.terminal", "");
    return new Console(
        new FileInputStream(FileDescriptor.in),
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
        terminals.contains("1"),
        terminals.contains("2"));
  }

  InputStream in() {
    return in;
  }

  /** Returns standard output, buffered: flushed when the command ends or {@link #flush} asks. */
  OutputStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  boolean outIsTerminal() {
    return outIsTerminal;
  }

  boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** Prints one line on standard output. */
  void println(String line) throws IOException {
    out.write((line + "\n").getBytes(UTF_8));
  }

  void flush() throws IOException {
    out.flush();
  }
}
