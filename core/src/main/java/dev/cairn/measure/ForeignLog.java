package dev.cairn.measure;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A log that somebody else keeps about the same registers: firmware, the kernel, systemd. Cairn
 * reads it and never writes to it. Any thread.
 */
public interface ForeignLog {
  /** Who keeps it. */
  enum Origin {
    /** The boot log of the firmware: complete when the kernel starts. */
    FIRMWARE,
    /** The measurement list of the kernel's IMA: grows all the time. */
    IMA,
    /** The log of systemd's user-space measurements; its writers extend first and log then. */
    SYSTEMD,
    /** Extends that the kernel reported as they happened. */
    KERNEL_TRACE
  }

  /** Returns who keeps it. */
  Origin origin();

  /** Returns where it is, for people: usually a path. */
  String location();

  /**
   * Returns the name of its format as {@code eventlog.LogFormat} spells it, e.g. {@code tcg2}; what
   * is written into files has no other mark.
   */
  String format();

  /**
   * Opens it at its beginning. To be closed.
   *
   * @throws java.nio.file.NoSuchFileException if there is none at present
   * @throws IOException if it cannot be read
   */
  InputStream open() throws IOException;

  /**
   * Returns why it may lack an extend that has happened, for people; nothing if its keeper says
   * that it is complete, or says nothing.
   */
  default Optional<String> incomplete() {
    return Optional.empty();
  }
}
