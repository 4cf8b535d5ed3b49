package dev.cairn.eventlog.cel;

/**
 * CEL-TLV as Cairn writes it: four TLVs back to back, big-endian, no frame, magic or checksum. It
 * is the one choice of widths that go-eventlog, libcel and eventlogs.py all read.
 *
 * <pre>
 * size  type len32   value
 *   13    00     8   u64 recnum, per register, from 0
 *    6    01     1   u8 pcr                             (index above 255: 4 bytes, u32)
 *         6c     1   u8 CC measurement register         (index above 255: 4 bytes, u32)
 *    9    02     4   u32 nv_index
 *  5+D    03     D   { u8 algorithm | len32 | digest }, ascending
 *  5+C    nn     C   content of type nn
 *
 * content of type
 *   04 cel            [01 [00 u16 major][01 u16 minor]]  cel_version
 *                     [02]                               firmware_end
 *                     [50 u64]                           cel_timestamp
 *                     [51 u32]                           state_trans
 *   05 pcclient_std   [00 u32 event_type][01 event_data]
 *   07 ima_template   [00 name in UTF-8, no NUL][01 data]
 *   08 ima_tlv        nested TLVs, kept as they are
 *   09 systemd        the measured bytes
 *   others            kept as they are
 * </pre>
 *
 * @see "TCG CEL 1.1, 5.1; type 6c: google/go-eventlog cel/canonical_eventlog.go"
 */
final class CelTlvLayout {
  static final int HEAD = 1 + Integer.BYTES;

  static final int RECNUM = 0x00;
  static final int PCR = 0x01;
  static final int NV_INDEX = 0x02;
  static final int DIGESTS = 0x03;
  static final int CCMR = 0x6C;

  /** The first of two nested TLVs: event_type, template_name, major. */
  static final int FIRST = 0;

  /** The second: event_data, template_data, minor. */
  static final int SECOND = 1;

  /** The widest integer that is read. */
  static final int MAX_INTEGER = Long.BYTES;

  /** Nothing known is longer than 64 bytes; one of an unknown algorithm may be. */
  static final int MAX_DIGEST = 128;

  /** What nesting adds to the content that {@code Limits} bounds. */
  static final int MAX_NESTING = HEAD + MAX_INTEGER + HEAD;

  private CelTlvLayout() {}
}
