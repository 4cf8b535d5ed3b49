package dev.cairn.eventlog.cel;

/**
 * Numbers of the content types and of what the management type nests.
 *
 * @see "TCG CEL 1.1, 4.2.5 and Table 2"
 */
final class ContentTypes {
  static final int CEL = 4;
  static final int PCCLIENT_STD = 5;
  static final int IMA_TEMPLATE = 7;
  static final int IMA_TLV = 8;
  static final int SYSTEMD = 9;

  static final int CEL_VERSION = 1;
  static final int FIRMWARE_END = 2;
  static final int CEL_TIMESTAMP = 80;
  static final int STATE_TRANS = 81;

  /** The revision that Cairn writes. */
  static final int CEL_MAJOR = 1;

  static final int CEL_MINOR = 1;

  static final long MAX_U16 = 0xFFFFL;
  static final long MAX_U32 = 0xFFFF_FFFFL;

  private ContentTypes() {}

  /** Returns the number that {@code type} says in plain decimal, or -1 if it is no u32. */
  static long numberOf(String type) {
    if (type.isEmpty() || type.length() > 10 || (type.length() > 1 && type.charAt(0) == '0')) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number <= MAX_U32 ? number : -1;
  }
}
