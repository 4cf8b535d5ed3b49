package dev.cairn.evidence;

import dev.cairn.measure.ForeignLog;
import java.util.Locale;

/**
 * Evidence as JSON, one object. Binary is standard base64 with padding. Members come in this order
 * when written; read are they in any, but for the first. A member that is not listed is refused.
 *
 * <pre>
 * {"cairn_evidence": 1,              version; comes first
 *  "epoch": "…",                     the life of the registers
 *  "nonce": "base64",                what the verifier sent, 0 to 64 bytes
 *  "quote": {"type": "tpm2", "parts": {"attest": "base64", …}},       see measure.Quote
 *  "values": {"registers": "pcr", "sha256": {"14": "hex"}},           see replay.RegisterValues
 *  "explained": ["pcr14"],           registers that "log" explains, by the daemon's word
 *  "foreign_logs": [                 in the order in which they are replayed, before "log"; optional
 *    {"origin": "firmware",          or ima, systemd, kernel_trace
 *     "location": "…", "format": "tcg2", "data": "base64"}],
 *  "log": {"format": "cel-tlv", "first_position": 0, "end_position": N,
 *          "bytes": L,               length of records 0 to N as CEL-TLV
 *          "data": "base64"}}        missing if the verifier gets the log elsewhere
 * </pre>
 */
final class EvidenceFormat {
  static final int VERSION = 1;

  static final String CAIRN_EVIDENCE = "cairn_evidence";
  static final String EPOCH = "epoch";
  static final String NONCE = "nonce";
  static final String QUOTE = "quote";
  static final String TYPE = "type";
  static final String PARTS = "parts";
  static final String VALUES = "values";
  static final String EXPLAINED = "explained";
  static final String FOREIGN_LOGS = "foreign_logs";
  static final String ORIGIN = "origin";
  static final String LOCATION = "location";
  static final String LOG = "log";
  static final String FORMAT = "format";
  static final String FIRST_POSITION = "first_position";
  static final String END_POSITION = "end_position";
  static final String BYTES = "bytes";
  static final String DATA = "data";

  private EvidenceFormat() {}

  static String name(ForeignLog.Origin origin) {
    return origin.name().toLowerCase(Locale.ROOT);
  }
}
