package dev.cairn.evidence;

import java.io.IOException;

/** Evidence, or a part of a quote, that cannot be parsed; nothing of it was believed. */
public final class MalformedEvidenceException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * E.g. {@code attest: offset 4: type 0x8014, needs 0x8018 (quote)}.
   *
   * @param part name of the part
   * @param detail where, what was found, what was needed
   */
  public MalformedEvidenceException(String part, String detail) {
    super(part + ": " + detail);
  }
}
