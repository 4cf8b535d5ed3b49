package dev.cairn.backend.tdx.kernel;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Digest;
import dev.cairn.measure.RegisterId;
import java.util.List;

/** One way to the registers, open. One thread. */
public interface RegisterInterface extends AutoCloseable {
  /** Returns which way it is. */
  InterfaceKind kind();

  /** Returns one line for people: which interface, of which driver, where. */
  String description();

  /** Returns what it shows, ascending by id. The same list every time. */
  List<KernelRegister> registers();

  /**
   * Makes sure that this process may extend {@code register}, which is not read-only. Extends
   * nothing.
   *
   * @throws BackendException NOT_EXECUTED if it may not; the message names the remedy
   */
  void claim(RegisterId register) throws BackendException;

  /** Reads what {@code register}, one of {@link #registers()}, holds now. */
  Digest read(RegisterId register) throws BackendException;

  /**
   * Extends {@code register}, which has been claimed.
   *
   * @throws BackendException unless the extend is known to have happened: NOT_EXECUTED only where
   *     the kernel's source says so, or the register shows it
   */
  void extend(RegisterId register, Digest digest) throws BackendException;

  /** Gives its descriptors back. */
  @Override
  void close();
}
