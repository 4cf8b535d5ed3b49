package dev.cairn.eventlog;

import java.util.Optional;

/** The formats of event logs that Cairn knows by name. */
public enum LogFormat {
  /** CEL 1.1 §5.1: type, length, value; no frame. */
  CEL_TLV("cel-tlv", true, true),
  /** CEL 1.1 §5.2: one JSON array. */
  CEL_JSON("cel-json", true, true),
  /** RFC 7464 sequence of CEL-JSON records. */
  CEL_JSON_SEQ("cel-json-seq", true, true),
  /** CEL 1.1 CBOR: one array. */
  CEL_CBOR("cel-cbor", true, true),
  /** RFC 8742 sequence of CEL-CBOR records. */
  CEL_CBOR_SEQ("cel-cbor-seq", true, true),
  /** TCG PFP crypto-agile log, CCEL included. */
  TCG2("tcg2", true, true),
  /** Binary IMA measurement list. */
  IMA("ima", true, false),
  /** systemd's log of user-space measurements. */
  SYSTEMD("systemd", true, false),

  /** TCG 1.2 log: recognised, not read yet. */
  TCG1("tcg1.2", false, false),
  /** ASCII IMA measurement list: recognised, not read yet. */
  IMA_ASCII("ima-ascii", false, false),
  /** FAPI log of tpm2-tss: recognised, not read yet. */
  FAPI("fapi", false, false),
  /** Event log of dstack: recognised, not read yet. */
  DSTACK("dstack", false, false),
  /** Text log of the CoCo agent before 0.15: recognised, not read yet. */
  AAEL_TEXT("aael-text", false, false);

  private final String label;
  private final boolean readable;
  private final boolean writable;

  LogFormat(String label, boolean readable, boolean writable) {
    this.label = label;
    this.readable = readable;
    this.writable = writable;
  }

  /** Returns the name in the API and on the command line. */
  public String label() {
    return label;
  }

  /** Returns whether there is a reader. */
  public boolean readable() {
    return readable;
  }

  /** Returns whether there is a writer. */
  public boolean writable() {
    return writable;
  }

  /** Returns the format with this {@link #label()}. */
  public static Optional<LogFormat> ofLabel(String label) {
    for (LogFormat format : values()) {
      if (format.label.equals(label)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }
}
