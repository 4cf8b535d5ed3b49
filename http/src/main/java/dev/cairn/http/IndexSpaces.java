package dev.cairn.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.measure.RegisterId;
import java.io.IOException;

/**
 * One register's number in every numbering that logs and tools use. A TDX register has three, and
 * confusing them is the classic mistake.
 *
 * <pre>
 *                     mrtd  rtmr0  rtmr1  rtmr2  rtmr3
 * rtmr                       0      1      2      3
 * ccmr (MrIndex)      0      1      2      3      4
 * mapped_pcrs  UEFI   0      1, 7   2-6    8-15
 * </pre>
 *
 * @see "UEFI 2.10, 38.4.1, table of MrIndex and PCR"
 */
final class IndexSpaces {
  private static final int[][] PCRS_BY_CCMR = {
    {0}, {1, 7}, {2, 3, 4, 5, 6}, {8, 9, 10, 11, 12, 13, 14, 15}, {}
  };

  private IndexSpaces() {}

  /** Writes member {@code index}; the spaces that have no such register are left out. */
  static void write(JsonGenerator json, RegisterId register) throws IOException {
    json.writeObjectFieldStart("index");
    switch (register.kind()) {
      case PCR -> json.writeNumberField("pcr", register.index());
      case NV -> json.writeNumberField("nv", register.index());
      case CCMR -> {
        if (register.rtmrOrdinal().isPresent()) {
          json.writeNumberField("rtmr", register.rtmrOrdinal().getAsInt());
        }
        json.writeNumberField("ccmr", register.index());
        if (register.index() < PCRS_BY_CCMR.length) {
          int[] pcrs = PCRS_BY_CCMR[(int) register.index()];
          json.writeFieldName("mapped_pcrs");
          json.writeArray(pcrs, 0, pcrs.length);
        }
      }
    }
    json.writeEndObject();
  }
}
