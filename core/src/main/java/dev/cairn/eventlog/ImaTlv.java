package dev.cairn.eventlog;

import dev.cairn.measure.Bytes;

/**
 * An IMA event as nested TLVs; CEL content type ima_tlv (8). Its digest covers the content TLV with
 * its five bytes of head.
 *
 * @param tlvs the nested TLVs as they were, without the head of the content
 */
public record ImaTlv(Bytes tlvs) implements EventContent {
  @Override
  public boolean measured() {
    return true;
  }
}
