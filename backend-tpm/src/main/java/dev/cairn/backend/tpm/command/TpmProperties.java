package dev.cairn.backend.tpm.command;

import java.util.Collections;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a TPM says of itself; does not change while it runs.
 *
 * @param values by TPM_PT
 * @see "TPM 2.0 Library Part 2, TPM_PT (fixed)"
 */
public record TpmProperties(SortedMap<Integer, Integer> values) {
  static final int FIRST_FIXED = 0x100;
  static final int NV_BUFFER_MAX = 0x12C;
  private static final int REVISION = 0x102;
  private static final int MANUFACTURER = 0x105;
  private static final int VENDOR_STRING_1 = 0x106;
  private static final int VENDOR_STRINGS = 4;
  private static final int FIRMWARE_1 = 0x10B;
  private static final int FIRMWARE_2 = 0x10C;
  private static final int PCR_COUNT = 0x112;
  private static final int MAX_DIGEST = 0x120;
  private static final int SMALLEST_NV_BUFFER = 512;

  /** Copies the map. */
  public TpmProperties {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** Returns the four letters of the manufacturer, e.g. {@code IBM}, {@code MSFT}, {@code AMD}. */
  public String manufacturer() {
    return letters(MANUFACTURER);
  }

  /** Returns what the vendor calls it, up to sixteen letters. */
  public String vendor() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < VENDOR_STRINGS; i++) {
      text.append(letters(VENDOR_STRING_1 + i));
    }
    return text.toString().strip();
  }

  /** Returns the revision of the specification times 100, e.g. 164. */
  public OptionalLong revision() {
    return number(REVISION);
  }

  /** Returns the vendor's number of the firmware; also in every quote. */
  public long firmwareVersion() {
    return number(FIRMWARE_1).orElse(0) << Integer.SIZE | number(FIRMWARE_2).orElse(0);
  }

  /** Returns how many PCRs there are. */
  public OptionalLong pcrCount() {
    return number(PCR_COUNT);
  }

  /** Returns the length of the longest digest; a nonce may be two bytes longer. */
  public OptionalLong largestDigestBytes() {
    return number(MAX_DIGEST);
  }

  /** Returns how many bytes of an NV index can be read at a time. */
  int nvBufferBytes() {
    return (int) Math.max(1, Math.min(number(NV_BUFFER_MAX).orElse(SMALLEST_NV_BUFFER), 2048));
  }

  private OptionalLong number(int property) {
    Integer value = values.get(property);
    return value == null ? OptionalLong.empty() : OptionalLong.of(Integer.toUnsignedLong(value));
  }

  /** Letters fill it from the left; NUL and what does not print are left out. */
  private String letters(int property) {
    int word = values.getOrDefault(property, 0);
    StringBuilder text = new StringBuilder();
    for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      char letter = (char) (word >>> shift & 0xFF);
      if (letter >= ' ' && letter <= '~') {
        text.append(letter);
      }
    }
    return text.toString();
  }
}
