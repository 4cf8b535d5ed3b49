package dev.cairn.eventlog.cel;

/**
 * A record of CEL-CBOR, in the deterministic encoding of RFC 8949: a map of five entries, keys
 * ascending.
 *
 * <pre>
 *   0  recnum        uint
 *   1  pcr           uint   } one of the three; 108, which CEL 1.1 has not, is for the registers of
 *   2  nv_index      uint   } a confidential VM, as in TLV logs, and comes last
 *   3  digests       [ + { 0: algorithm uint, 1: digest bstr } ], ascending, at least one
 *   9  content_type  uint
 *  10  content       by type:
 * 108  ccmr          uint
 *
 *   4 cel            { 0: 1, 1: { 0: major, 1: minor } } | { 0: 2 } | { 0: 80, 1: uint } | { 0: 81, 1: uint }
 *   5 pcclient_std   { 0: event_type uint, 1: event_data bstr }
 *   7 ima_template   { 0: template_name tstr, 1: template_data bstr }
 *   8 ima_tlv        bstr
 *   9 systemd        bstr
 *   others, and known ones with another inside: any one item, kept as it is
 * </pre>
 *
 * @see "TCG CEL 1.1, 5.2 (CDDL)"
 */
final class CborLayout {
  static final int RECNUM = 0;
  static final int PCR = 1;
  static final int NV_INDEX = 2;
  static final int DIGESTS = 3;
  static final int CONTENT_TYPE = 9;
  static final int CONTENT = 10;
  static final int CCMR = 108;
  static final int ENTRIES = 5;

  /** First and second entry of every inner map. */
  static final int FIRST = 0;

  static final int SECOND = 1;

  /** How deep inside a record its content lies. */
  static final int CONTENT_DEPTH = 1;

  private CborLayout() {}
}
