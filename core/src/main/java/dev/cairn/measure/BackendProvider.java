package dev.cairn.measure;

import java.util.Map;
import java.util.Set;

/** Makes one kind of backend. Found with {@link java.util.ServiceLoader}. */
public interface BackendProvider {
  /** Returns the name by which users ask for it: {@code emulator}, {@code tpm}, {@code tdx}. */
  String name();

  /** Returns the keys that {@link #open} understands. */
  Set<String> settings();

  /**
   * Opens the device. Nothing is extended or reset by that.
   *
   * @param settings the keys of {@link #settings()} that the user gave, as text
   * @throws BackendException with {@link BackendException.Outcome#NOT_EXECUTED} if a setting is
   *     wrong or the device is not there; the message names the remedy
   */
  MeasurementBackend open(Map<String, String> settings) throws BackendException;
}
