package dev.cairn.http;

/** Well-formedness of UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
  private Utf8() {}

  /**
   * Returns the offset of the first byte that begins no well-formed character, or -1 if there is
   * none.
   *
   * @see "Unicode 15, table 3-7 Well-Formed UTF-8 Byte Sequences"
   */
  static int firstMalformed(byte[] text) {
    int i = 0;
    while (i < text.length) {
      int lead = text[i];
      if (lead >= 0) {
        i++;
        continue;
      }
      int length = wellFormedLength(text, i);
      if (length == 0) {
        return i;
      }
      i += length;
    }
    return -1;
  }

  private static int wellFormedLength(byte[] text, int at) {
    int lead = text[at] & 0xFF;
    int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.length - at < length) {
      return 0;
    }
    int second = text[at + 1] & 0xFF;
    int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest) {
      return 0;
    }
    for (int i = 2; i < length; i++) {
      if ((text[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
